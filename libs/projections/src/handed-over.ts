import type { Position } from '#libs/event-log';
import { backOffMs, pause } from './back-off.js';
import type { FollowingThread } from './following-thread.js';
import type { Reporter } from './projection-report.js';

export interface HandedOverOptions {
  readonly thread: FollowingThread;
  /** Follows the log in this thread until the signal is aborted. */
  readonly followHere: (signal: AbortSignal) => Promise<void>;
  /** The thread has brought the read models there. */
  readonly onReached: (position: Position) => void;
  readonly report: Reporter;
}

/**
 * Follows the log here until a thread of its own does, and again whenever that is down: the thread takes a second to load
 * what it runs, and whoever starts a server does not wait for it. For a moment both follow; the checkpoints see to it that
 * nothing is applied twice.
 */
export class HandedOver {
  private end = new AbortController();
  private here: Promise<void> = Promise.resolve();
  private isHere = false;
  private starting: Promise<void> = Promise.resolve();

  constructor(private readonly options: HandedOverOptions) {}

  /** Follows from now on, until the signal is aborted. */
  start(signal: AbortSignal): void {
    this.takeBack(signal);
    this.starting = this.startThread(signal);
  }

  /** Somebody waits for the position here: the thread does not let events gather until it is reached. */
  expect(position: Position): void {
    this.options.thread.expect(position);
  }

  /** After the batches under way; the signal must have been aborted. */
  async stop(): Promise<void> {
    this.handOver();
    await this.options.thread.stop();
    await Promise.all([this.here, this.starting]);
  }

  private takeBack(signal: AbortSignal): void {
    if (this.isHere || signal.aborted) return;
    this.isHere = true;
    this.end = new AbortController();
    const until = AbortSignal.any([signal, this.end.signal]);
    this.here = this.here.then(() => this.options.followHere(until));
  }

  private handOver(): void {
    this.isHere = false;
    this.end.abort();
  }

  private async startThread(signal: AbortSignal): Promise<void> {
    const { thread, onReached, report } = this.options;
    const following = (isFollowing: boolean): void => (isFollowing ? this.handOver() : this.takeBack(signal));
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        return await thread.start(signal, { reached: onReached, following });
      } catch (error) {
        if (signal.aborted) return;
        const delayMs = backOffMs(failures);
        report({ kind: 'retrying', activity: 'thread', error, failures, delayMs });
        await pause(delayMs, signal);
      }
    }
  }
}
