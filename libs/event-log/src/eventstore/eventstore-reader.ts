import { setTimeout as delay } from 'node:timers/promises';
import { BACKWARDS, END, type EventStoreDBClient, FORWARDS, START as FROM_START } from '@eventstore/db-client';
import type { AllStreamResolvedEvent, RecordedEvent as ClientEvent, ResolvedEvent } from '@eventstore/db-client';
import { categoryOf } from '#libs/contracts';
import { within } from '#libs/kernel';
import { type EventBatch, LogUnavailable, type ReadAllOptions, type RecordedEvent } from '../event-log.js';
import { laterPosition, type Position, START } from '../position.js';
import { fromStore, positionOf } from './event-codec.js';
import { KnownPositions } from './known-positions.js';
import { SECURITY_STREAM, type StreamNames } from './stream-names.js';
import { isStreamNotFound, mayPass, NoAnswer } from './failure.js';

export interface EventStoreReaderOptions {
  readonly client: EventStoreDBClient;
  readonly names: StreamNames;
  /** Longest time for the answer to one call. */
  readonly answerWithinMs: number;
  /** True for an event of usage that was dropped by age. */
  readonly isDropped: (event: RecordedEvent) => boolean;
}

/** An event as it stands in a stream, whoever wrote it. */
export interface RawEvent {
  readonly id: string;
  readonly type: string;
  readonly revision: bigint;
  readonly position: Position;
  readonly data: unknown;
  readonly event: ClientEvent;
}

/** Events asked for in one call: no answer is longer than a few MiB. */
const PAGE = 1_000;
/** First look back for the ledger's last event, among the server's own; the pages grow. */
const LAST_PAGE = 16;
const FIRST_PAUSE_MS = 10;
/** Events around a position where those of the same flush may lie. */
const NEAR = 4_096;
/** Bytes of the server's log that are rather read than looked for a nearer place to begin: some thousand events. */
const FAR = 4_000_000n;
/** The leader alone knows what was acknowledged. */
const LEADER = { requiresLeader: true } as const;

type Reading<Item> = AsyncIterable<Item> & { cancel(): Promise<void> };

/** Reads events through the leader. */
export class EventStoreReader {
  private readonly known = new KnownPositions();

  constructor(private readonly options: EventStoreReaderOptions) {}

  async readStream(stream: string, options: { from?: bigint; limit?: number } = {}): Promise<RecordedEvent[]> {
    const { from = 0n, limit = Infinity } = options;
    const events: RecordedEvent[] = [];
    for (let next = from; events.length < limit;) {
      const page = await this.readRaw(stream, next, Math.min(PAGE, limit - events.length));
      for (const { event } of page) {
        const read = fromStore(event, stream);
        if (!this.options.isDropped(read)) events.push(read);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < Math.min(PAGE, limit)) break;
      next = last.revision + 1n;
    }
    return events;
  }

  /** Events of a stream that lie near a position of the log: those of the same flush, and perhaps some around them. */
  async readStreamNear(stream: string, position: Position): Promise<RecordedEvent[]> {
    const onServer = this.options.names.onServer(stream);
    const from = { commit: position, prepare: position };
    const [before, after] = await Promise.all(
      ([BACKWARDS, FORWARDS] as const).map((direction) =>
        this.collect(() => this.options.client.readAll({ ...LEADER, direction, fromPosition: from, maxCount: NEAR })),
      ),
    );
    const near = [...(before ?? []).reverse(), ...(after ?? [])];
    const events = near.flatMap(({ event }) => (event?.streamId === onServer ? [fromStore(event, stream)] : []));
    return events.filter((event, index) => event.revision !== events[index - 1]?.revision);
  }

  /** At most `count` events from a revision on, as they are. */
  async readRaw(stream: string, from: bigint, count: number): Promise<RawEvent[]> {
    return rawEvents(await this.collect(() => this.stream(stream, { backwards: false, from, count })));
  }

  /** The last `count` events of a stream, the last one first. */
  async readBack(stream: string, count: number): Promise<RawEvent[]> {
    return rawEvents(await this.collect(() => this.stream(stream, { backwards: true, from: null, count })));
  }

  /** Last revision of a stream; -1n when it holds nothing. */
  async tailOf(stream: string): Promise<bigint> {
    const [last] = await this.readBack(stream, 1);
    return last?.revision ?? -1n;
  }

  /** Position of the last event that the ledger wrote. */
  async head(): Promise<Position> {
    let from: Position | null = null;
    for (let count = LAST_PAGE; ; count = Math.min(count * 8, PAGE)) {
      const page = await this.readPageBack(from, count);
      const last = page.find(({ event }) => event && this.options.names.ofLedger(event.streamId) !== null);
      if (last?.event) return positionOf(last.event);
      const earliest = page.at(-1)?.event;
      if (!earliest || page.length < count) return START;
      from = positionOf(earliest);
    }
  }

  /** Events of $all before a position, or before its end, the last one first. */
  private readPageBack(from: Position | null, count: number): Promise<AllStreamResolvedEvent[]> {
    const fromPosition = from === null ? END : { commit: from, prepare: from };
    return this.collect(() =>
      this.options.client.readAll({ ...LEADER, direction: BACKWARDS, fromPosition, maxCount: count }),
    );
  }

  async readAll({ after, limit, categories, anywhere = false }: ReadAllOptions): Promise<EventBatch> {
    const events: RecordedEvent[] = [];
    let next = after;
    for (let from = anywhere ? await this.startBefore(after) : after; ;) {
      // A page begins with the event at its position, which was read before.
      const count = Math.min(PAGE, Math.max(limit - events.length, LAST_PAGE)) + 1;
      const page = await this.readPage(from, count);
      for (const { event } of page) {
        if (!event || positionOf(event) <= from) continue;
        from = positionOf(event);
        this.known.note(from);
        const stream = this.options.names.ofLedger(event.streamId);
        if (stream === null || from <= after) continue;
        next = from;
        if (categories && !categories.includes(categoryOf(stream))) continue;
        const read = fromStore(event, stream);
        if (this.options.isDropped(read)) continue;
        events.push(read);
        if (events.length === limit) return { events, next };
      }
      if (page.length < count) return { events, next };
    }
  }

  /** Tells where an event was stored. */
  noteStored(position: Position): void {
    this.known.note(position);
  }

  /** Where to begin a read of what follows a position at which nothing need stand. */
  private async startBefore(position: Position): Promise<Position> {
    const known = this.known.floor(position);
    // Right after a start hardly any is known. The short stream of what decides is spread over the whole log.
    const found = position - known < FAR ? START : await this.lastBefore(SECURITY_STREAM, position);
    return laterPosition(known, found);
  }

  /** Position of a stream's last event at or before a position; START when there is none. */
  private async lastBefore(stream: string, position: Position): Promise<Position> {
    let [low, high] = [0n, (await this.tailOf(stream)) + 1n];
    let found = START;
    while (low < high) {
      const middle = (low + high) / 2n;
      const [event] = await this.readRaw(stream, middle, 1);
      if (event !== undefined && event.position <= position) {
        found = event.position;
        low = middle + 1n;
      } else high = middle;
    }
    return found;
  }

  /** Events of $all from a position on, the one at the position included. */
  private readPage(from: Position, count: number): Promise<AllStreamResolvedEvent[]> {
    const fromPosition = from === START ? FROM_START : { commit: from, prepare: from };
    return this.collect(() =>
      this.options.client.readAll({ ...LEADER, direction: FORWARDS, fromPosition, maxCount: count }),
    );
  }

  private stream(
    stream: string,
    { backwards, from, count }: { backwards: boolean; from: bigint | null; count: number },
  ): Reading<ResolvedEvent> {
    return this.options.client.readStream(this.options.names.onServer(stream), {
      ...LEADER,
      direction: backwards ? BACKWARDS : FORWARDS,
      fromRevision: from ?? END,
      maxCount: count,
    });
  }

  /** Asks again while the connection or the leader changes, as long as one answer may take. Throws LogUnavailable. */
  private async collect<Item>(begin: () => Reading<Item>): Promise<Item[]> {
    const startedAt = performance.now();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      try {
        return await this.collectOnce(begin);
      } catch (error) {
        const isOver = performance.now() + pauseMs - startedAt >= this.options.answerWithinMs;
        if (error instanceof LogUnavailable || isOver || !mayPass(error)) throw unreadable(error);
      }
      await delay(pauseMs);
    }
  }

  private async collectOnce<Item>(begin: () => Reading<Item>): Promise<Item[]> {
    const reading = begin();
    try {
      const { answerWithinMs } = this.options;
      return await within(answerWithinMs, toArray(reading), () => {
        throw new NoAnswer(`no answer within ${answerWithinMs} ms`);
      });
    } catch (error) {
      reading.cancel().catch(() => undefined);
      if (isStreamNotFound(error)) return [];
      throw error;
    }
  }
}

async function toArray<Item>(reading: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of reading) items.push(item);
  return items;
}

function rawEvents(page: readonly ResolvedEvent[]): RawEvent[] {
  return page.flatMap(({ event }) => {
    if (event === undefined) return [];
    const { id, type, revision, data } = event;
    return [{ id, type, revision, data, position: positionOf(event), event }];
  });
}

function unreadable(cause: unknown): LogUnavailable {
  return cause instanceof LogUnavailable ? cause : new LogUnavailable('the event log cannot be read', { cause });
}
