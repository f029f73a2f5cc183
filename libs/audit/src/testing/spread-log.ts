import {
  type AppendRequest,
  type AppendResult,
  type EventBatch,
  type LogHeads,
  type MayOmit,
  MemoryEventLog,
  type Position,
  type PositionRange,
  type ReadAllOptions,
  type RecordedEvent,
} from '#libs/event-log';

/** Bytes between two events. */
const SPREAD = 1_000n;

/** A log in memory whose positions count bytes, as those of EventStoreDB. */
export class SpreadLog extends MemoryEventLog {
  /** How often the log itself was read. */
  reads = 0;

  override get positionsPerEvent(): number {
    return Number(SPREAD);
  }

  override async append(request: AppendRequest): Promise<AppendResult> {
    const result = await super.append(request);
    return { ...result, position: spread(result.position) };
  }

  override async readStream(stream: string, options: { from?: bigint; limit?: number } = {}): Promise<RecordedEvent[]> {
    return (await super.readStream(stream, options)).map(placed);
  }

  override async readAll({ after, ...options }: ReadAllOptions): Promise<EventBatch> {
    this.reads += 1;
    const { events, next } = await super.readAll({ after: (after / SPREAD) as Position, ...options });
    return { events: events.map(placed), next: spread(next) };
  }

  override async readRanges(ranges: readonly PositionRange[], mayOmit?: MayOmit): Promise<RecordedEvent[]> {
    this.reads += ranges.length;
    const within = ranges.map(({ first, last }) => ({
      first: ((first + SPREAD - 1n) / SPREAD) as Position,
      last: (last / SPREAD) as Position,
    }));
    return (await super.readRanges(within, mayOmit)).map(placed);
  }

  override async heads(): Promise<LogHeads> {
    const { all, security } = await super.heads();
    return { all: spread(all), security: spread(security) };
  }

  override waitForEvents(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return super.waitForEvents((position / SPREAD) as Position, timeoutMs, signal);
  }
}

const spread = (position: Position) => (position * SPREAD) as Position;
const placed = (event: RecordedEvent): RecordedEvent => ({ ...event, position: spread(event.position) });
