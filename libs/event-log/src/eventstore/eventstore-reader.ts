import { setTimeout as delay } from 'node:timers/promises';
import { Semaphore } from 'async-mutex';
import { convertToCommandError } from '@eventstore/db-client';
import type { ServiceError } from '@grpc/grpc-js';
import { SharedRead } from '#libs/kernel';
import {
  type EventBatch,
  LogUnavailable,
  type PositionRange,
  type ReadAllOptions,
  type RecordedEvent,
} from '../event-log.js';
import { laterPosition, type Position, START } from '../position.js';
import { fromStore } from './event-codec.js';
import { mayPass } from './failure.js';
import { KnownPositions } from './known-positions.js';
import { allRequest, streamRequest } from './read-request.js';
import type { ServerCalls } from './server-calls.js';
import { NO_EVENT, NO_POSITION, serverEvent, type ServerEvent } from './server-event.js';
import { SECURITY_STREAM, type StreamNames } from './stream-names.js';

export interface EventStoreReaderOptions {
  readonly calls: ServerCalls;
  readonly names: StreamNames;
  /** Longest time for the answer to one call. */
  readonly answerWithinMs: number;
  /** How far events lie apart, by and large. */
  readonly bytesPerEvent: number;
  /** True for an event of usage that was dropped by age. */
  readonly isDropped: (event: RecordedEvent) => boolean;
}

/** Events asked for in one call: no answer is longer than a few MiB. */
const PAGE = 1_000;
/** First look back for the ledger's last event, among the server's own; the pages grow. */
const LAST_PAGE = 16;
/** As many as connections of a log in PostgreSQL: what exports and feeds read is worked off on one thread. */
const PAGES_AT_ONCE = 4;
const FIRST_PAUSE_MS = 10;
/** Events around a position where those of the same flush may lie. */
const NEAR = 4_096;
/** Bytes of the server's log that are rather read than looked for a nearer place to begin: some thousand events. */
const FAR = 4_000_000n;
/** A read that looks for events of some streams alone may look through the whole log before it answers. */
const SEARCH_WITHIN_MS = 600_000;

interface ReadOn {
  /** Where to begin: at or before `after`, and there when absent. */
  readonly start?: Position;
  readonly after: Position;
  readonly limit: number;
  readonly pattern?: string;
  /** Few of what the server looks at is sent, and it may look for long: no page is waited for behind it. */
  readonly isSearch?: boolean;
}

/** Reads events through the leader. */
export class EventStoreReader {
  private readonly known = new KnownPositions();
  /**
   * Pages under way, which may hold a thousand events each. What checks wait for comes over the same connection: behind
   * dozens of pages its answer would come too late, and the checks be refused.
   */
  private readonly pages = new Semaphore(PAGES_AT_ONCE);
  private readonly sharedHead = new SharedRead(() => this.readHead());
  /** The latest position at which an event is known to stand. */
  private last: Position = START;
  /** The ledger's last event, `found`, when the server's log ended at `end`: so far back nobody has to look again. */
  private looked = { end: START, found: START };

  constructor(private readonly options: EventStoreReaderOptions) {}

  async readStream(stream: string, options: { from?: bigint; limit?: number } = {}): Promise<RecordedEvent[]> {
    const { from = 0n, limit = Infinity } = options;
    const events: RecordedEvent[] = [];
    for (let next = from; events.length < limit;) {
      const count = Math.min(PAGE, limit - events.length);
      const page = await this.pages.runExclusive(() => this.readRaw(stream, next, count));
      for (const event of page) {
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
    const [before, after] = await Promise.all(
      [true, false].map((isBackwards) => this.collect(allRequest({ isBackwards, from: position, count: NEAR }))),
    );
    const near = [...(before ?? []).reverse(), ...(after ?? [])];
    const events = near.flatMap((event) => (event.stream === onServer ? [fromStore(event, stream)] : []));
    return events.filter((event, index) => event.revision !== events[index - 1]?.revision);
  }

  /** At most `count` events from a revision on, as they are. */
  readRaw(stream: string, from: bigint, count: number): Promise<ServerEvent[]> {
    return this.readPart(stream, false, from, count);
  }

  /** The last `count` events of a stream, the last one first. */
  readBack(stream: string, count: number): Promise<ServerEvent[]> {
    return this.readPart(stream, true, null, count);
  }

  private readPart(stream: string, isBackwards: boolean, from: bigint | null, count: number): Promise<ServerEvent[]> {
    return this.collect(streamRequest({ stream: this.options.names.onServer(stream), isBackwards, from, count }));
  }

  /** Last revision of a stream; -1n when it holds nothing. */
  async tailOf(stream: string): Promise<bigint> {
    const [last] = await this.readBack(stream, 1);
    return last?.revision ?? -1n;
  }

  /** Position of the last event that the ledger wrote. The server tells it about a thousand times a second, no more. */
  head(): Promise<Position> {
    return this.sharedHead.get();
  }

  private async readHead(): Promise<Position> {
    const { looked } = this;
    let end = looked.end;
    let from: Position | null = null;
    for (let count = LAST_PAGE; ; count = Math.min(count * 8, PAGE)) {
      const page: ServerEvent[] = await this.collect(allRequest({ isBackwards: true, from, count }));
      const earliest = page.at(-1)?.position ?? START;
      if (from === null) end = laterPosition(end, page[0]?.position ?? START);
      const last = page.find(({ stream }) => this.options.names.ofLedger(stream) !== null);
      if (last === undefined && earliest > looked.end && page.length === count) from = earliest;
      else {
        const found = laterPosition(looked.found, last?.position ?? START);
        this.looked = { end, found };
        return found;
      }
    }
  }

  async readAll(options: ReadAllOptions): Promise<EventBatch> {
    const { after, limit, categories } = options;
    // All of a server that holds this ledger alone is read as it comes.
    if (categories === undefined && !this.options.names.mayShare) return this.readOn({ after, limit });
    // Only what matches is sent: how far the server has looked shows only in that it has reached the end, after this.
    const head = await this.head();
    if (head <= after || categories?.length === 0) return { events: [], next: laterPosition(after, head) };
    const pattern = categories === undefined ? this.options.names.pattern : this.options.names.patternOf(categories);
    const { events, next } = await this.readOn({ after, limit, pattern, isSearch: categories !== undefined });
    return { events, next: events.length === limit ? next : laterPosition(next, head) };
  }

  /** All events of a stretch of the log. */
  async readRange({ first, last }: PositionRange): Promise<RecordedEvent[]> {
    const { names, bytesPerEvent } = this.options;
    const pattern = names.mayShare ? { pattern: names.pattern } : {};
    const events: RecordedEvent[] = [];
    let after = (first > START ? first - 1n : START) as Position;
    for (let start = await this.startBefore(after); after < last; start = after) {
      // More may stand there: then the rest is read after them.
      const limit = Math.ceil(Number(last - after) / bytesPerEvent);
      const read = await this.readOn({ start, after, limit, ...pattern });
      events.push(...read.events.filter(({ position }) => position <= last));
      if (read.events.length < limit) break;
      after = read.next;
    }
    return events;
  }

  private async readOn({ after, start = after, limit, pattern, isSearch = false }: ReadOn): Promise<EventBatch> {
    const events: RecordedEvent[] = [];
    let next = after;
    for (let from = start; ;) {
      // A page begins with the event at its position, which was read before.
      const count = Math.min(PAGE, Math.max(limit - events.length, LAST_PAGE)) + 1;
      const request = allRequest({ isBackwards: false, from, count, pattern });
      const read = () => this.collect(request, pattern === undefined ? undefined : SEARCH_WITHIN_MS);
      const page = await (isSearch ? read() : this.pages.runExclusive(read));
      for (const event of page) {
        if (event.position <= from) continue;
        from = event.position;
        this.noteStored(from);
        const stream = this.options.names.ofLedger(event.stream);
        if (stream === null || from <= after) continue;
        next = from;
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
    this.last = laterPosition(this.last, position);
  }

  /** The latest position at which this process knows an event, without asking. */
  get lastKnown(): Position {
    return this.last;
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

  /** Asks again while the connection or the leader changes, as long as one answer may take. Throws LogUnavailable. */
  private async collect(request: Buffer, answerWithinMs = this.options.answerWithinMs): Promise<ServerEvent[]> {
    const startedAt = performance.now();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      try {
        return await this.collectOnce(request, answerWithinMs);
      } catch (error) {
        const isOver = performance.now() + pauseMs - startedAt >= this.options.answerWithinMs;
        if (error instanceof LogUnavailable || isOver || !mayPass(error)) throw unreadable(error);
      }
      await delay(pauseMs);
    }
  }

  /** A stream that does not exist holds nothing. */
  private async collectOnce(request: Buffer, answerWithinMs: number): Promise<ServerEvent[]> {
    const { calls } = this.options;
    const events = await calls.execute('read', (connection) => {
      const call = calls.read(connection, request, serverEvent, answerWithinMs);
      return new Promise<ServerEvent[]>((resolve, reject) => {
        const read: ServerEvent[] = [];
        call.on('data', (answer: ServerEvent | typeof NO_EVENT) => {
          if (answer !== NO_EVENT) read.push(answer);
        });
        call.on('error', (error: ServiceError) => reject(convertToCommandError(error)));
        call.on('end', () => resolve(read));
      });
    });
    if (events.some(({ position }) => position === NO_POSITION)) {
      throw new LogUnavailable('the server does not tell positions');
    }
    return events;
  }
}

function unreadable(cause: unknown): LogUnavailable {
  return cause instanceof LogUnavailable ? cause : new LogUnavailable('the event log cannot be read', { cause });
}
