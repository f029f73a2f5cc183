import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { categoryOf } from '#libs/contracts';
import { LogUnavailable, type RecordedEvent } from '../event-log.js';
import { encodeEvent } from '../event-text.js';
import { ForeignEvents, type LogImporter, runsOf } from '../move/log-importer.js';
import { APPEND_CHANNEL, APPEND_LOCK } from './append-function.js';
import { clientConfig, type ConnectionOptions, SESSION_SETTINGS, soon } from './managed-connection.js';

/** Events of one stream that become one row of the log. */
interface ImportedRow {
  readonly stream: string;
  readonly category: string;
  readonly recordedAt: string;
  readonly position: bigint;
  readonly first: bigint;
  readonly revision: bigint;
  readonly count: number;
  readonly events: string;
}

interface Head {
  readonly position: bigint;
  readonly security: bigint;
}

const INSERT = `insert into ledger.appends (last_position, last_revision, count, recorded_at, category, stream, events)
  select * from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])`;

/** The revisions up to `last_revision` are missing here as they were dropped by age in another log. */
const LEAVE_OUT = `insert into ledger.dropped_streams as d values ($1, $2, $3)
  on conflict (stream) do update set last_revision = greatest(d.last_revision, excluded.last_revision),
    last_position = greatest(d.last_position, excluded.last_position)`;

/** Takes events from another log into one in PostgreSQL, a transaction for each write, under the lock of appends. */
export class PostgresImporter implements LogImporter {
  private readonly writer = randomUUID();
  private readonly months = new Set<string>();
  private flushes = 0;

  private constructor(
    private readonly client: pg.Client,
    private head: Head,
  ) {}

  /** On a database with the schema of the log. Throws LogUnavailable. */
  static async open(options: ConnectionOptions): Promise<PostgresImporter> {
    const client = new pg.Client({ ...clientConfig(options), query_timeout: options.answerWithinMs });
    // The next query fails; without a listener the process would end.
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(SESSION_SETTINGS);
      return new PostgresImporter(client, await headOf(client));
    } catch (error) {
      await soon(client.end());
      throw new LogUnavailable('the event log cannot be reached', { cause: error });
    }
  }

  async write(events: readonly RecordedEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      await this.client.query('begin');
      const head = await this.store(events);
      await this.client.query('commit');
      this.head = head;
    } catch (error) {
      await this.client.query('rollback').catch(() => undefined);
      if (error instanceof ForeignEvents) throw error;
      throw new LogUnavailable('the event log cannot be written', { cause: error });
    }
  }

  async finish(): Promise<void> {}

  close(): Promise<void> {
    return soon(this.client.end());
  }

  private async store(events: readonly RecordedEvent[]): Promise<Head> {
    await this.client.query('select pg_advisory_xact_lock($1)', [APPEND_LOCK]);
    const found = await headOf(this.client);
    if (found.position !== this.head.position) throw new ForeignEvents('Somebody else writes to the target.');
    const rows = rowsOf(events, found.position);
    await this.makePartitions(rows);
    await this.checkRevisions(rows, found.position);
    const column = <Value>(of: (row: ImportedRow) => Value): Value[] => rows.map(of);
    await this.client.query({
      name: 'import',
      text: INSERT,
      values: [
        column(({ position }) => position),
        column(({ revision }) => revision),
        column(({ count }) => count),
        column(({ recordedAt }) => recordedAt),
        column(({ category }) => category),
        column(({ stream }) => stream),
        column((row) => row.events),
      ],
    });
    const position = found.position + BigInt(events.length);
    const security = rows.filter(({ category }) => category === 'security').at(-1)?.position ?? found.security;
    this.flushes += 1;
    await this.client.query(
      'insert into ledger.flushes (position, security_position, size, writer, number) values ($1, $2, $3, $4, $5)',
      [position, security, events.length, this.writer, this.flushes],
    );
    await this.client.query('select pg_notify($1, $2)', [APPEND_CHANNEL, position.toString()]);
    return { position, security };
  }

  /** So that usage can be dropped by months later, as if it had been recorded here. */
  private async makePartitions(rows: readonly ImportedRow[]): Promise<void> {
    for (const { category, recordedAt } of rows) {
      const month = recordedAt.slice(0, 7);
      if (category !== 'usage' || this.months.has(month)) continue;
      await this.client.query('select ledger.make_usage_partitions($1)', [recordedAt]);
      this.months.add(month);
    }
  }

  private async checkRevisions(rows: readonly ImportedRow[], head: bigint): Promise<void> {
    const categories = new Map(rows.map(({ stream, category }) => [stream, category]));
    const { rows: answers } = await this.client.query<{ found: string[] }>(
      'select ledger.last_revisions($1::text[], $2::text[]) as found',
      [[...categories.keys()], [...categories.values()]],
    );
    const found = answers[0]?.found ?? [];
    const tails = new Map([...categories.keys()].map((stream, index) => [stream, BigInt(found[index] ?? -1)]));
    for (const { stream, category, first, revision, position, count } of rows) {
      const next = (tails.get(stream) ?? -1n) + 1n;
      tails.set(stream, revision);
      if (first === next) continue;
      if (category !== 'usage' || first < next) {
        throw new ForeignEvents(`Stream ${stream} of the target goes on with number ${next}, not ${first}.`);
      }
      const before = position - BigInt(count);
      await this.client.query(LEAVE_OUT, [stream, first - 1n, before > head ? before : head]);
    }
  }
}

async function headOf(client: pg.Client): Promise<Head> {
  const { rows } = await client.query<{ position: string; security_position: string }>(
    'select position, security_position from ledger.flushes order by position desc limit 1',
  );
  if (!rows[0]) throw new Error('table ledger.flushes is empty');
  return { position: BigInt(rows[0].position), security: BigInt(rows[0].security_position) };
}

/** A row has one instant: events of one flush stay together. */
function rowsOf(events: readonly RecordedEvent[], head: bigint): ImportedRow[] {
  let position = head;
  return runsOf(events, (event, before) => event.recordedAt === before.recordedAt).map((run) => {
    const { stream, recordedAt, revision: first } = run[0] as RecordedEvent;
    position += BigInt(run.length);
    const revision = first + BigInt(run.length - 1);
    const lines = run.map(encodeEvent).join('\n');
    const category = categoryOf(stream);
    return { stream, category, recordedAt, position, first, revision, count: run.length, events: lines };
  });
}
