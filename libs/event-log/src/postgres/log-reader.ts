import pg from 'pg';
import { categoryOf, type StreamCategory } from '#libs/contracts';
import { toInstant } from '#libs/kernel';
import {
  type EventBatch,
  LogUnavailable,
  type MayOmit,
  type PositionRange,
  type ReadAllOptions,
  type RecordedEvent,
} from '../event-log.js';
import { type EventRow, RangeExpander, RowExpander, type RowTaker } from '../event-row.js';
import type { Position } from '../position.js';
import type { HeadReader } from './head-reader.js';
import { clientConfig, type ConnectionOptions, mayPass, SESSION_SETTINGS, soon, timed } from './managed-connection.js';
import { RowQuery, type TextFields } from './row-query.js';

export interface LogReaderOptions extends ConnectionOptions {
  /** Connections for reads; further reads wait. */
  readonly maxReads: number;
}

/** The instant as epoch milliseconds: writing it out costs PostgreSQL more than all else that it does for a row. */
const COLUMNS = `stream, last_position, last_revision, count, (extract(epoch from recorded_at) * 1000)::bigint as recorded_ms,
  events`;

/**
 * Of some rows in their order, those that are needed for $3 events: one row may hold a thousand, and what is not asked
 * for is then neither sent nor unpacked. `wanted`: how many events of a row count.
 */
const enoughOf = (rows: string, { order, wanted }: { order: string; wanted: string }): string => `
  select ${COLUMNS} from (
    select *, sum(${wanted}) over (order by ${order} rows between unbounded preceding and 1 preceding) as events_before
    from (${rows}) found
  ) counted where coalesce(events_before, 0) < $3 order by ${order}`;

/** Each category is a table of its own: named in the text, because a plan is kept for whatever parameters follow. */
const wholeStreamQuery = (category: StreamCategory) => ({
  name: `stream_${category}`,
  text: `select ${COLUMNS} from ledger.appends_${category}
    where stream = $1 and last_revision >= $2 order by last_revision`,
});

const streamQuery = (category: StreamCategory) => ({
  name: `stream_part_${category}`,
  text: enoughOf(
    `select * from ledger.appends_${category}
     where stream = $1 and last_revision >= $2 order by last_revision limit $4`,
    { order: 'last_revision', wanted: 'least(count, last_revision - $2 + 1)::integer' },
  ),
});

const nearQuery = (category: StreamCategory) => ({
  name: `near_${category}`,
  text: `select ${COLUMNS} from ledger.appends_${category}
    where stream = $1 and last_position between $2 and $3 order by last_position`,
});

const allQuery = (categories: readonly StreamCategory[] | undefined) => ({
  name: `all_${categories?.join('_') ?? ''}`,
  text: enoughOf(
    `select * from ledger.appends where last_position > $1
     ${categories ? `and category in (${categories.map((category) => `'${category}'`).join(', ')})` : ''}
     order by last_position limit $2`,
    { order: 'last_position', wanted: 'least(count, last_position - $1)::integer' },
  ),
});

/**
 * For each range the rows that end in it, and the one after them, which may begin in it. That one may be the first of
 * the next range: then it comes twice.
 */
const RANGES = {
  name: 'ranges',
  text: `select ${COLUMNS} from unnest($1::bigint[], $2::bigint[]) asked (first, last), lateral (
      (select * from ledger.appends where last_position between asked.first and asked.last)
      union all
      (select * from ledger.appends where last_position > asked.last order by last_position limit 1)
    ) found
    where last_position - count < asked.last order by last_position`,
};

/** More events than a flush can hold. */
const NEAR = 65_536n;

/** Fewest rows worth a round trip, and events for which one must do: rows beyond them are cheaper than another. */
const MIN_ROWS = 8;
const ONE_GO = 64;

/** Reads events over a small pool of connections. */
export class LogReader {
  private readonly pool: pg.Pool;
  private eventsPerRow = 1;
  private readonly answerWithinMs: number;

  constructor(
    options: LogReaderOptions,
    private readonly head: HeadReader,
  ) {
    this.answerWithinMs = options.answerWithinMs;
    this.pool = new pg.Pool({
      ...clientConfig(options),
      max: options.maxReads,
      // The pool waits for the promise, whatever its types say.
      onConnect: (client) => client.query(timed({ text: SESSION_SETTINGS }, this.answerWithinMs)) as unknown as void,
    });
    // An idle connection that was lost is replaced by the next read; whoever was using one is told by its query.
    this.pool.on('error', () => undefined);
  }

  async readStream(stream: string, options: { from?: bigint; limit?: number } = {}): Promise<RecordedEvent[]> {
    const { from = 0n, limit = Infinity } = options;
    const category = categoryOf(stream);
    if (!Number.isFinite(limit)) {
      const read = await this.rows(wholeStreamQuery(category), [stream, from], () => RowExpander.from(from, limit));
      return read.events;
    }
    const events: RecordedEvent[] = [];
    let next = from;
    while (events.length < limit) {
      const left = limit - events.length;
      const wanted = Math.min(left, Math.max(MIN_ROWS, Math.ceil(left / this.eventsPerRow)));
      const values = [stream, next, left, wanted];
      const read = await this.rows(streamQuery(category), values, () => RowExpander.from(next, left));
      for (const event of read.events) events.push(event);
      if (read.rows < wanted) break;
      next = (events.at(-1)?.revision ?? next - 1n) + 1n;
    }
    return events;
  }

  async readStreamNear(stream: string, position: Position): Promise<RecordedEvent[]> {
    const values = [stream, position - NEAR, position + NEAR];
    const read = await this.rows(nearQuery(categoryOf(stream)), values, () => RowExpander.from(0n, Infinity));
    return read.events;
  }

  async readAll({ after, limit, categories }: ReadAllOptions): Promise<EventBatch> {
    // Before the rows are read: what lies below this head can be seen by that time.
    const head = categories ? (await this.head.heads()).all : after;
    if (categories?.length === 0) return { events: [], next: head > after ? head : after };
    const query = allQuery(categories && ORDER.filter((category) => categories.includes(category)));
    const events: RecordedEvent[] = [];
    let next = after;
    for (let left = limit; left > 0;) {
      const wanted = this.rowsFor(left);
      const asked = left;
      const read = await this.rows(query, [next, wanted, asked], () => RowExpander.after(next, asked));
      for (const event of read.events) events.push(event);
      this.learn(read);
      left -= read.events.length;
      next = read.reached ?? next;
      const isAtEnd = read.rows < wanted && left > 0;
      if (isAtEnd) return { events, next: head > next ? head : next };
    }
    return { events, next };
  }

  async readRanges(ranges: readonly PositionRange[], mayOmit?: MayOmit): Promise<RecordedEvent[]> {
    if (ranges.length === 0) return [];
    const values = [ranges.map(({ first }) => first), ranges.map(({ last }) => last)];
    const read = await this.rows(RANGES, values, () => new RangeExpander(ranges, mayOmit));
    return read.events;
  }

  /** The first value of a row, of a query that is not about events. */
  async value<Value>(text: string, values: readonly unknown[]): Promise<Value | undefined> {
    const query = timed({ text, values: [...values] }, this.answerWithinMs);
    const { rows } = await this.asked(() => this.pool.query<Record<string, Value>>(query));
    return Object.values(rows[0] ?? {})[0];
  }

  close(): Promise<void> {
    return soon(this.pool.end());
  }

  /** Rows that are likely to hold so many events: few are asked for in one go, whatever they hold. */
  private rowsFor(events: number): number {
    if (events <= ONE_GO) return events;
    return Math.max(MIN_ROWS, Math.ceil(events / this.eventsPerRow));
  }

  /** How many rows to ask for depends on how many events the last ones held. */
  private learn({ rows, held }: RowExpander): void {
    if (rows > 0) this.eventsPerRow = held / rows;
  }

  /** Rows are expanded while more of them are on their way; by another expander when they have to be asked for again. */
  private async rows<Taker extends RowTaker>(
    config: { name: string; text: string },
    values: readonly unknown[],
    expander: () => Taker,
  ): Promise<Taker> {
    const { read, query } = await this.asked(async () => {
      const read = expander();
      const parser = new RowParser();
      const query = new RowQuery({ ...config, values: [...values] }, (fields) => read.add(parser.parse(fields)));
      await this.run(query);
      return { read, query };
    });
    if (query.failure !== undefined) throw query.failure.error;
    return read;
  }

  private async run(query: RowQuery): Promise<void> {
    const client = await this.pool.connect();
    // A connection that breaks tells its query, and would end the process by telling nobody else.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    let failed = true;
    try {
      await query.run(client, this.answerWithinMs);
      failed = false;
    } finally {
      client.off('error', ignore);
      client.release(failed);
    }
  }

  private async asked<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await this.askedTwice(ask);
    } catch (error) {
      throw new LogUnavailable('the event log cannot be read', { cause: error });
    }
  }

  /** A pooled connection may have been lost since it was used last: another one tells that from a log that is away. */
  private async askedTwice<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    const startedAt = performance.now();
    try {
      return await ask();
    } catch (error) {
      const wasQuick = performance.now() - startedAt < this.answerWithinMs / 2;
      if (!wasQuick || !mayPass(error) || this.pool.ending) throw error;
      return ask();
    }
  }
}

/** Rows as `COLUMNS` names their fields. Those of a flush have one instant, which is written out once. */
class RowParser {
  private recordedMs = '';
  private recordedAt = '';

  parse(fields: TextFields): EventRow {
    const [stream, lastPosition, lastRevision, count, recordedMs, events] = fields as readonly string[] as RowFields;
    if (recordedMs !== this.recordedMs) {
      this.recordedAt = toInstant(Number(recordedMs));
      this.recordedMs = recordedMs;
    }
    const { recordedAt } = this;
    return {
      stream,
      lastPosition: BigInt(lastPosition),
      lastRevision: BigInt(lastRevision),
      count: Number(count),
      recordedAt,
      events,
    };
  }
}

type RowFields = readonly [string, string, string, string, string, string];

/** One order, so that the same categories are one prepared statement. */
const ORDER: readonly StreamCategory[] = ['security', 'account', 'usage'];
