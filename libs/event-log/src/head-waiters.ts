import { EventWaiters } from './event-waiters.js';
import { type Position, START } from './position.js';

/** Those who wait for the log to grow, and the head that it is known to have. */
export class HeadWaiters {
  private readonly waiters = new EventWaiters();
  private readonly closing = new AbortController();
  private head: Position = START;

  /** `watch` is called whenever somebody begins to wait: from then on somebody has to look at the head. */
  constructor(private readonly watch: () => void) {}

  get known(): Position {
    return this.head;
  }

  /** How many are waiting. */
  get size(): number {
    return this.waiters.size;
  }

  /** Aborted when nobody is to wait any more. */
  get closed(): AbortSignal {
    return this.closing.signal;
  }

  /** Resolves when the log is known to be beyond `position`, when time is up, or on abort; see EventLog. */
  async wait(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    let leftMs = timeoutMs;
    // Everybody is woken whenever the head moves: also those who wait for a later one.
    while (this.head <= position && leftMs > 0 && !signal?.aborted && !this.closed.aborted) {
      const woken = this.waiters.wait(leftMs, signal);
      this.watch();
      await woken;
      leftMs = deadline - performance.now();
    }
  }

  /** The log has grown to `head`. */
  advance(head: Position): void {
    if (head <= this.head) return;
    this.head = head;
    this.waiters.wakeAll();
  }

  close(): void {
    this.closing.abort();
    this.waiters.wakeAll();
  }
}
