import { LogUnavailable } from '../event-log.js';
import type { LogReader } from './log-reader.js';

/** Flushes between two rounds of forgetting old ones; a round forgets up to four times as many. */
const FORGET_EVERY = 1_024;

/** Least time between two tries to make the same partitions. */
const TRY_AGAIN_MS = 60_000;

/**
 * What the log does beside its appends, none of which waits for it: makes the partitions of usage before they are needed,
 * and forgets flushes that nobody asks for any more. Both may fail; the next round does what was left.
 */
export class Housekeeping {
  private flushes = 0;
  private month = '';
  private triedAt = -Infinity;
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly reader: LogReader) {}

  /** `recordedAt`: instant of the flush, RFC 3339. */
  beforeFlush(recordedAt: string): void {
    this.flushes += 1;
    if (this.flushes % FORGET_EVERY === 0) this.inTurn(() => this.reader.value('select ledger.forget_flushes()', []));
    const isDue = performance.now() - this.triedAt >= TRY_AGAIN_MS || this.month === '';
    if (monthOf(recordedAt) === this.month || !isDue) return;
    this.triedAt = performance.now();
    this.inTurn(() => this.makePartitions(recordedAt));
  }

  /** Partitions for the month of an instant and the two after it. Readers that stand in the way are left alone. */
  async makePartitions(instant: string): Promise<void> {
    try {
      await this.reader.value('select ledger.make_usage_partitions($1)', [instant]);
      this.month = monthOf(instant);
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
    }
  }

  /** Resolves when nothing of this is under way. */
  done(): Promise<void> {
    return this.work;
  }

  private inTurn(step: () => Promise<unknown>): void {
    this.work = this.work.then(step).then(
      () => undefined,
      () => undefined,
    );
  }
}

const monthOf = (instant: string): string => instant.slice(0, 7);

function isLockTimeout(error: unknown): boolean {
  const cause: unknown = error instanceof LogUnavailable ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === '55P03';
}
