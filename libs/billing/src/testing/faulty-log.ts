import {
  type AppendRequest,
  type AppendResult,
  type EventBatch,
  EventLog,
  type LogHeads,
  type MayOmit,
  type Position,
  type PositionRange,
  type ReadAllOptions,
  type RecordedEvent,
} from '#libs/event-log';

/** A log whose appends can be held up, and fail before or after they were stored. */
export class FaultyLog extends EventLog {
  /** Requests that were handed in, in order. */
  readonly requests: AppendRequest[] = [];
  /** What becomes of an append; `store` stores it. */
  onAppend: (store: () => Promise<AppendResult>, request: AppendRequest) => Promise<AppendResult> = (store) => store();
  onRead: (read: () => Promise<RecordedEvent[]>) => Promise<RecordedEvent[]> = (read) => read();

  constructor(private readonly log: EventLog) {
    super();
  }

  override get mayPartRequests(): boolean {
    return this.log.mayPartRequests;
  }

  override append(request: AppendRequest): Promise<AppendResult> {
    this.requests.push(request);
    return this.onAppend(() => this.log.append(request), request);
  }

  override readStream(stream: string, options?: { from?: bigint; limit?: number }): Promise<RecordedEvent[]> {
    return this.onRead(() => this.log.readStream(stream, options));
  }

  override readAll(options: ReadAllOptions): Promise<EventBatch> {
    return this.log.readAll(options);
  }

  override readRanges(ranges: readonly PositionRange[], mayOmit?: MayOmit): Promise<RecordedEvent[]> {
    return this.log.readRanges(ranges, mayOmit);
  }

  override heads(): Promise<LogHeads> {
    return this.log.heads();
  }

  override waitForEvents(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.log.waitForEvents(position, timeoutMs, signal);
  }

  override dropUsageBefore(instant: string): Promise<Position> {
    return this.log.dropUsageBefore(instant);
  }

  override close(): Promise<void> {
    return this.log.close();
  }
}
