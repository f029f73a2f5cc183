import { type Clock, toInstant } from '#libs/kernel';
import { AppendActivity } from '../append-activity.js';
import { FLUSH_LIMITS } from '../append-intake.js';
import { checkRequest } from '../append-check.js';
import {
  type AppendRequest,
  type AppendResult,
  type EventBatch,
  EventLog,
  type LogHeads,
  LogUnavailable,
  MAX_WAITING_REQUESTS,
  type MayOmit,
  type PositionRange,
  type ReadAllOptions,
  type RecordedEvent,
} from '../event-log.js';
import type { Position } from '../position.js';
import { AppendQueue } from './append-queue.js';
import { AppendStore } from './append-store.js';
import { EVENT_LOG_SCHEMA } from './event-log-schema.js';
import { HeadReader } from './head-reader.js';
import { HeadWatch } from './head-watch.js';
import { LogReader } from './log-reader.js';
import { Housekeeping } from './housekeeping.js';

export interface PostgresEventLogOptions {
  /** Of a database with the schema that `installEventLogSchema` makes. */
  readonly connectionString: string;
  /** Gives the instants at which appends are recorded. */
  readonly clock: Clock;
  /** How long an append whose outcome is unknown is tried again; default 5,000. */
  readonly retryForMs?: number;
  /** Longest time for the answer to one query; default 10,000. */
  readonly answerWithinMs?: number;
  /** Requests that may wait; default MAX_WAITING_REQUESTS. */
  readonly maxWaiting?: number;
  /** Counts what appends come to, for metrics. */
  readonly activity?: AppendActivity;
  /** Connections for reads, besides the three for appends, heads and notifications; default 4. */
  readonly maxReads?: number;
}

/** The event log in PostgreSQL 14 or later: a row per append, group commit, positions in the order of commits. */
export class PostgresEventLog extends EventLog {
  private readonly store: AppendStore;
  private readonly head: HeadReader;
  private readonly reader: LogReader;
  private readonly watch: HeadWatch;
  private readonly queue: AppendQueue;
  private readonly housekeeping: Housekeeping;
  private closing: Promise<void> | null = null;

  private constructor(options: PostgresEventLogOptions) {
    super();
    const connection = { connectionString: options.connectionString, answerWithinMs: options.answerWithinMs ?? 10_000 };
    this.store = new AppendStore({ ...connection, retryForMs: options.retryForMs ?? 5_000 });
    this.head = new HeadReader(connection);
    this.reader = new LogReader({ ...connection, maxReads: options.maxReads ?? 4 }, this.head);
    this.watch = new HeadWatch(connection, this.head);
    this.housekeeping = new Housekeeping(this.reader);
    this.queue = new AppendQueue({
      store: this.store,
      reader: this.reader,
      limits: FLUSH_LIMITS,
      maxWaiting: options.maxWaiting ?? MAX_WAITING_REQUESTS,
      activity: options.activity ?? new AppendActivity(),
      recordedAt: () => {
        const instant = toInstant(options.clock.now());
        this.housekeeping.beforeFlush(instant);
        return instant;
      },
      onStored: (head) => this.watch.advance(head),
    });
  }

  /** Opens the log. Throws LogUnavailable when it cannot be reached or its schema is older than this program. */
  static async open(options: PostgresEventLogOptions): Promise<PostgresEventLog> {
    const log = new PostgresEventLog(options);
    try {
      const version = await log.reader.value<number>('select max(version) from ledger.schema_version', []);
      if ((version ?? 0) < EVENT_LOG_SCHEMA.length) {
        throw new LogUnavailable(`schema ledger has version ${version ?? 0}, ${EVENT_LOG_SCHEMA.length} is needed`);
      }
      await log.housekeeping.makePartitions(toInstant(options.clock.now()));
      return log;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  override async append(request: AppendRequest): Promise<AppendResult> {
    checkRequest(request);
    return this.queue.add(request);
  }

  override readStream(stream: string, options: { from?: bigint; limit?: number } = {}): Promise<RecordedEvent[]> {
    return this.reader.readStream(stream, options);
  }

  override readAll(options: ReadAllOptions): Promise<EventBatch> {
    return this.reader.readAll(options);
  }

  override readRanges(ranges: readonly PositionRange[], mayOmit?: MayOmit): Promise<RecordedEvent[]> {
    return this.reader.readRanges(ranges, mayOmit);
  }

  override heads(): Promise<LogHeads> {
    return this.head.heads();
  }

  override waitForEvents(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.watch.wait(position, timeoutMs, signal);
  }

  override async dropUsageBefore(instant: string): Promise<Position> {
    const dropped = await this.reader.value<string>('select ledger.drop_usage_before($1)', [instant]);
    return BigInt(dropped ?? 0) as Position;
  }

  override close(): Promise<void> {
    this.closing ??= this.closeOnce();
    return this.closing;
  }

  private async closeOnce(): Promise<void> {
    await this.queue.close();
    await this.housekeeping.done();
    await this.watch.close();
    await Promise.all([this.store.close(), this.head.close(), this.reader.close()]);
  }
}
