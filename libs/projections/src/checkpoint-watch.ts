import type { Pool } from 'pg';
import { pause } from './back-off.js';
import { checkpoints, commonPosition } from './checkpoints.js';
import type { PositionWaiters } from './position-waiters.js';
import type { Reporter } from './projection-report.js';
import { inTransaction } from './transaction.js';

export interface CheckpointWatchOptions {
  readonly pool: Pool;
  readonly names: readonly string[];
  readonly waiters: PositionWaiters;
  readonly report: Reporter;
}

const POLL_MS = 20;

/** Learns from the database how far the read models are, where another keeps them. */
export class CheckpointWatch {
  private polling = false;

  constructor(private readonly options: CheckpointWatchOptions) {}

  /** Looks again and again for as long as somebody waits, and `isNeeded`. */
  async poll(signal: AbortSignal, isNeeded: () => boolean): Promise<void> {
    if (this.polling) return;
    this.polling = true;
    const { waiters, report } = this.options;
    for (let failures = 0; waiters.size > 0 && isNeeded() && !signal.aborted;) {
      const error = await this.look();
      failures = error === null ? 0 : failures + 1;
      if (error !== null) report({ kind: 'retrying', activity: 'waitFor', error, failures, delayMs: POLL_MS });
      if (waiters.size > 0) await pause(POLL_MS, signal);
    }
    this.polling = false;
  }

  /** Looks once; the failure when the database cannot tell. */
  async look(): Promise<unknown> {
    const { pool, names, waiters } = this.options;
    try {
      const found = await inTransaction(pool, (transaction) => checkpoints.read(transaction, names));
      waiters.reach(commonPosition(found));
      return null;
    } catch (error) {
      return error;
    }
  }
}
