import { categoryOf } from '#libs/contracts';
import { type Clock, toInstant } from '#libs/kernel';
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
import { eventsFrom, eventsWithin, expand, RowExpander } from '../event-row.js';
import type { Position } from '../position.js';
import { MemoryImporter } from './memory-importer.js';
import { encodeRequest, MemoryStorage, type WrittenRevisions } from './memory-storage.js';

/** The event log in memory, for tests and for trying things out: the whole contract but durability. */
export class MemoryEventLog extends EventLog {
  private readonly written: WrittenRevisions = new Map();
  private flushed: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  private closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly storage = new MemoryStorage(),
  ) {
    super();
  }

  /** Another log over the same events, as a second process would open it. */
  reopen(): MemoryEventLog {
    return new MemoryEventLog(this.clock, this.storage);
  }

  /** For moving a log here. */
  importer(): MemoryImporter {
    return new MemoryImporter(this.storage);
  }

  override async append(request: AppendRequest): Promise<AppendResult> {
    checkRequest(request);
    if (this.closed) throw new LogUnavailable('the event log is closed');
    if (this.waiting >= MAX_WAITING_REQUESTS) throw new LogUnavailable('too many appends are waiting');
    const appends = encodeRequest(request);
    this.waiting += 1;
    const result = this.flushed.then(() => {
      this.waiting -= 1;
      if (request.securityAt !== undefined) this.storage.checkSecurity(request.securityAt);
      return this.storage.append(appends, this.written, toInstant(this.clock.now()));
    });
    this.flushed = result.catch(() => undefined);
    return result;
  }

  override async readStream(stream: string, options: { from?: bigint; limit?: number } = {}): Promise<RecordedEvent[]> {
    return eventsFrom(this.storage.rowsOf(stream), options.from ?? 0n, options.limit ?? Infinity);
  }

  override async readAll({ after, limit, categories }: ReadAllOptions): Promise<EventBatch> {
    const rows = this.storage.rows.filter(
      (row) => row.lastPosition > after && (categories?.includes(categoryOf(row.stream)) ?? true),
    );
    const { events, isFull, reached } = expand(rows, RowExpander.after(after, limit));
    const last = isFull ? reached : this.storage.heads.all;
    return { events, next: last !== undefined && last > after ? last : after };
  }

  override async readRanges(ranges: readonly PositionRange[], mayOmit?: MayOmit): Promise<RecordedEvent[]> {
    return eventsWithin(this.storage.rows, ranges, mayOmit);
  }

  override async heads(): Promise<LogHeads> {
    return this.storage.heads;
  }

  override async waitForEvents(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (this.closed || this.storage.heads.all > position) return;
    await this.storage.waiters.wait(timeoutMs, signal);
  }

  override async dropUsageBefore(instant: string): Promise<Position> {
    return this.storage.dropUsageBefore(instant);
  }

  override async close(): Promise<void> {
    this.closed = true;
    await this.flushed;
    this.storage.waiters.wakeAll();
  }
}
