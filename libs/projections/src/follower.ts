import { comparePositions, type EventLog, formatPosition, type Position } from '#libs/event-log';
import type { Pool } from 'pg';
import { backOffMs, pause } from './back-off.js';
import { BatchSize } from './batch-size.js';
import { type Checkpoints, checkpoints, commonPosition, newcomersOf } from './checkpoints.js';
import { type Letter, type Lockstep, type Stretch } from './lockstep.js';
import { isEnd, LogFeed } from './log-feed.js';
import type { PositionWaiters } from './position-waiters.js';
import type { Reporter } from './projection-report.js';
import { inTransaction } from './transaction.js';

export interface FollowerOptions {
  readonly log: EventLog;
  readonly pool: Pool;
  readonly lockstep: Lockstep;
  readonly waiters: PositionWaiters;
  readonly batchSize: number;
  /**
   * After a batch that went up to the head of the log so much time is left for events to gather, unless somebody waits for
   * them here: under load one batch of many events costs a fraction of many small ones, because a document that many of
   * them change is written once, and the processor is wanted elsewhere.
   */
  readonly gatherMs: number;
  readonly report: Reporter;
  /** Called, again and again, while there are projections that have seen nothing although others have. */
  readonly onNewcomers: (names: readonly string[]) => void;
}

/** Wake-ups are hints that may be lost; the log is asked at least so often. */
const IDLE_MS = 1000;

interface Pace {
  /** What to do at the end of the log, `after`. */
  atEnd(after: Position): Promise<void>;
  /** What to do after a batch that went up to the head of the log. */
  atHead(): Promise<void>;
}

/** Follows the log with the live projections. */
export class Follower {
  private readonly size: BatchSize;
  private failures = 0;
  private newcomers: readonly string[] = [];

  constructor(private readonly options: FollowerOptions) {
    this.size = new BatchSize(options.batchSize);
  }

  /** Follows until the signal is aborted; whatever fails is tried again, for as long as it takes. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.follow(signal, {
          atEnd: (after) => this.options.log.waitForEvents(after, IDLE_MS, signal),
          atHead: () => this.options.waiters.pauseUnlessWaited(this.options.gatherMs, signal),
        });
      } catch (error) {
        // Whoever is to end, perhaps because another has taken over, is not kept by what failed in that.
        if (signal.aborted) return;
        this.failures += 1;
        const delayMs = backOffMs(this.failures);
        this.options.report({ kind: 'retrying', activity: 'apply', error, failures: this.failures, delayMs });
        await pause(delayMs, signal);
      }
    }
  }

  /** Follows to the end of the log, once; throws what fails. */
  async catchUp(): Promise<void> {
    const end = new AbortController();
    await this.follow(end.signal, { atEnd: async () => end.abort(), atHead: async () => undefined });
  }

  private async follow(signal: AbortSignal, pace: Pace): Promise<void> {
    const { log, pool, lockstep } = this.options;
    let from = this.note(await inTransaction(pool, (transaction) => checkpoints.read(transaction, lockstep.names)));
    let feed = new LogFeed(log, from);
    while (!signal.aborted) {
      if (this.newcomers.length > 0) this.options.onNewcomers(this.newcomers);
      const stretch = await feed.next(this.size.limit);
      if (isEnd(stretch)) {
        this.failures = 0;
        await pace.atEnd(stretch.after);
        continue;
      }
      from = await this.advance(stretch);
      // Somebody has set a checkpoint back: what lies between was left out, and is read again.
      if (comparePositions(from, stretch.next) < 0) feed = new LogFeed(log, from);
      else if (!stretch.isFull) await pace.atHead();
    }
  }

  private async advance(stretch: Stretch): Promise<Position> {
    const started = performance.now();
    const { checkpoints: after, letters } = await this.options.lockstep.apply(stretch);
    const durationMs = performance.now() - started;
    this.size.learn(stretch.events.length, durationMs);
    this.failures = 0;
    const reached = this.note(after);
    this.options.report({ kind: 'applied', events: stretch.events.length, durationMs });
    for (const letter of letters) this.reportQuarantined(letter);
    return reached;
  }

  private note(found: Checkpoints): Position {
    const reached = commonPosition(found);
    this.newcomers = newcomersOf(found);
    this.options.waiters.reach(reached);
    return reached;
  }

  private reportQuarantined({ projection, partitionKey, event, error, tried }: Letter): void {
    if (!tried) return;
    const position = formatPosition(event.position);
    this.options.report({ kind: 'quarantined', projection, partitionKey, position, eventType: event.type, error });
  }
}
