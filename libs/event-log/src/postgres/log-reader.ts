import pg from 'pg';
import { categoryOf, type StreamCategory } from '#libs/contracts';
import { type EventBatch, LogUnavailable, type ReadAllOptions, type RecordedEvent } from '../event-log.js';
import { type EventRow, RowExpander } from '../event-row.js';
import type { Position } from '../position.js';
import type { HeadReader } from './head-reader.js';
import { clientConfig, type ConnectionOptions, mayPass, SESSION_SETTINGS, soon } from './managed-connection.js';
import { RowQuery, type TextFields } from './row-query.js';

export interface LogReaderOptions extends ConnectionOptions {
  /** Connections for reads; further reads wait. */
  readonly maxReads: number;
}

const COLUMNS = `stream, last_position, last_revision, count,
  to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as recorded_at, events`;

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
    { order: 'last_revision', wanted: 'least(count, last_revision - $2 + 1)' },
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
    { order: 'last_position', wanted: 'least(count, last_position - $1)' },
  ),
});

/** More events than a flush can hold. */
const NEAR = 65_536n;

/** Fewest rows worth a round trip. */
const MIN_ROWS = 8;

/** Reads events over a small pool of connections. */
export class LogReader {
  private readonly pool: pg.Pool;
  private eventsPerRow = 1;
  private readonly quickMs: number;

  constructor(
    options: LogReaderOptions,
    private readonly head: HeadReader,
  ) {
    this.quickMs = options.answerWithinMs / 2;
    this.pool = new pg.Pool({
      ...clientConfig(options),
      max: options.maxReads,
      // The pool waits for the promise, whatever its types say.
      onConnect: (client) => client.query(SESSION_SETTINGS) as unknown as void,
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
    while (events.length < limit) {
      const left = limit - events.length;
      const wanted = Math.max(MIN_ROWS, Math.ceil(left / this.eventsPerRow));
      const read = await this.rows(query, [next, wanted, left], () => RowExpander.after(next, left));
      for (const event of read.events) events.push(event);
      this.learn(read);
      next = events.at(-1)?.position ?? next;
      const isAtEnd = read.rows < wanted && events.length < limit;
      if (isAtEnd) return { events, next: head > next ? head : next };
    }
    return { events, next };
  }

  /** The first value of a row, of a query that is not about events. */
  async value<Value>(text: string, values: readonly unknown[]): Promise<Value | undefined> {
    const { rows } = await this.asked(() => this.pool.query<Record<string, Value>>({ text, values: [...values] }));
    return Object.values(rows[0] ?? {})[0];
  }

  close(): Promise<void> {
    return soon(this.pool.end());
  }

  /** How many rows to ask for depends on how many events the last ones held. */
  private learn({ rows, held }: RowExpander): void {
    if (rows > 0) this.eventsPerRow = held / rows;
  }

  /** Rows are expanded while more of them are on their way; by another expander when they have to be asked for again. */
  private async rows(
    config: { name: string; text: string },
    values: readonly unknown[],
    expander: () => RowExpander,
  ): Promise<RowExpander> {
    const { read, query } = await this.asked(async () => {
      const read = expander();
      const query = new RowQuery({ ...config, values: [...values] }, (fields) => read.add(rowOf(fields)));
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
      await query.run(client);
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
      const wasQuick = performance.now() - startedAt < this.quickMs;
      if (!wasQuick || !mayPass(error) || this.pool.ending) throw error;
      return ask();
    }
  }
}

/** As `COLUMNS` names them. */
function rowOf(fields: TextFields): EventRow {
  const [stream, lastPosition, lastRevision, count, recordedAt, events] = fields as readonly string[] as RowFields;
  return {
    stream,
    lastPosition: BigInt(lastPosition),
    lastRevision: BigInt(lastRevision),
    count: Number(count),
    recordedAt,
    events,
  };
}

type RowFields = readonly [string, string, string, string, string, string];

/** One order, so that the same categories are one prepared statement. */
const ORDER: readonly StreamCategory[] = ['security', 'account', 'usage'];
