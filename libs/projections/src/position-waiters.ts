import { pause } from './back-off.js';
import { comparePositions, type Position, START } from '#libs/event-log';

interface Waiter {
  readonly position: Position;
  readonly resolve: () => void;
}

/** Those who wait until the read models have reached a position. */
export class PositionWaiters {
  private reachedPosition: Position = START;
  private waiters: Waiter[] = [];
  private arrival: (() => void) | undefined;

  /** How far the read models are known to be. */
  get reached(): Position {
    return this.reachedPosition;
  }

  /** How many are waiting. */
  get size(): number {
    return this.waiters.length;
  }

  has(position: Position): boolean {
    return comparePositions(this.reachedPosition, position) >= 0;
  }

  /** Resolves true as soon as the position is reached, false when it is not within `timeoutMs` (null: waits for ever). */
  wait(position: Position, timeoutMs: number | null): Promise<boolean> {
    if (this.has(position)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = timeoutMs === null ? undefined : setTimeout(() => this.giveUp(waiter, resolve), timeoutMs);
      const waiter: Waiter = {
        position,
        resolve: () => {
          clearTimeout(timer);
          resolve(true);
        },
      };
      this.waiters.push(waiter);
      this.arrival?.();
    });
  }

  /** Lets time pass until somebody waits; at once over when somebody does, or when the signal is aborted. */
  async pauseUnlessWaited(durationMs: number, signal: AbortSignal): Promise<void> {
    if (this.waiters.length > 0) return;
    await pause(durationMs, signal, (end) => {
      this.arrival = end;
    });
    this.arrival = undefined;
  }

  /** Tells where the read models are; whoever waited for that is woken. */
  reach(position: Position): void {
    this.reachedPosition = position;
    if (this.waiters.length === 0) return;
    const due = this.waiters.filter((waiter) => this.has(waiter.position));
    if (due.length === 0) return;
    this.waiters = this.waiters.filter((waiter) => !due.includes(waiter));
    for (const waiter of due) waiter.resolve();
  }

  private giveUp(waiter: Waiter, resolve: (reached: boolean) => void): void {
    this.waiters = this.waiters.filter((other) => other !== waiter);
    resolve(false);
  }
}
