import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { appendOf, newStream } from '../testing/log-under-test.js';
import { createLogDatabase, type LogDatabase } from '../testing/postgres-log.js';
import { type Position, START } from '../position.js';
import type { PostgresEventLog } from './postgres-event-log.js';

jest.setTimeout(120_000);

const PATIENCE_MS = 300_000;
const TABLES = `
  select coalesce(sum(seq_scan), 0)::int as scans, coalesce(sum(idx_tup_fetch), 0)::int as fetched
  from pg_stat_user_tables where schemaname = 'ledger' and relname <> 'schema_version'`;

/** 1,000,000 events in 550,000 rows: usage of three months, accounts, tokens. */
const FILL = `
  truncate ledger.appends;
  delete from ledger.flushes where position > 0;
  insert into ledger.appends (last_position, last_revision, count, recorded_at, category, stream, events)
  select n * 2, n * 2 - 1, 2, timestamptz '2026-01-01' + n * interval '15 seconds', 'usage', 'usage-a-b', $e$${event()}\n${event()}$e$
  from generate_series(1, 450000) n;
  insert into ledger.appends (last_position, last_revision, count, recorded_at, category, stream, events)
  select 900000 + n, n / 1000, 1, timestamptz '2026-01-01', case n % 2 when 0 then 'account' else 'security' end,
    case n % 2 when 0 then 'account-' else 'token-' end || n % 1000, $e$${event()}$e$
  from generate_series(0, 99999) n;
  insert into ledger.flushes (position, security_position, size, writer, number)
  select n * 20, n * 20, 20, '11111111-1111-4111-8111-111111111111', n from generate_series(1, 50000) n`;

function event(): string {
  return '{"data":{},"id":"11111111-1111-4111-8111-111111111111","metadata":{},"type":"TokenSeen"}';
}

describe('PostgresEventLog with 1,000,000 events', () => {
  let database: LogDatabase;
  beforeAll(async () => {
    database = await createLogDatabase();
    // Opened and used while the tables are empty: the plans of then must do for the tables of later.
    const log = await database.open();
    for (let round = 0; round < 8; round += 1) await useAll(log, START);
    await log.close();
  }, PATIENCE_MS);
  afterAll(() => database.close());

  it(
    'reads and appends by index, with and without statistics, and with plans made on empty tables',
    async () => {
      const early = await database.open();
      for (let round = 0; round < 8; round += 1) await useAll(early, START);
      await database.admin.query(FILL);
      await expectFewRows(() => useAll(early, 500_000n as Position), early);
      const late = await database.open();
      await expectFewRows(() => useAll(late, 500_000n as Position), late);
      await database.admin.query('vacuum analyze ledger.appends, ledger.flushes, ledger.dropped_streams');
      const analyzed = await database.open();
      await expectFewRows(() => useAll(analyzed, 500_000n as Position), analyzed);
    },
    PATIENCE_MS,
  );

  async function useAll(log: PostgresEventLog, after: Position): Promise<void> {
    await log.heads();
    await log.readAll({ after, limit: 100 });
    const at = (distance: bigint) => (after + distance) as Position;
    await log.readRanges([1n, 100n, 200n].map((from) => ({ first: at(from), last: at(from + 20n) })));
    await log.readAll({ after, limit: 100, categories: ['security'] });
    await log.readAll({ after, limit: 100, categories: ['account', 'security'] });
    await log.readStream('usage-a-b', { from: 400_000n, limit: 10 });
    await log.readStream('account-42');
    await log.readStream(newStream());
    await log.append({ streams: [appendOf(newStream('usage'), 'next'), appendOf(newStream('account'), 'noStream')] });
    await log.append({ streams: [appendOf('token-7', 'any'), appendOf('account-8', 'any')] });
    const request = { streams: [appendOf(newStream('account'), 'noStream'), appendOf('usage-a-b', 'any')] };
    await log.append(request);
    expect((await log.append(request)).duplicate).toBe(true);
  }

  /** Counts what the server read for `work`; its connections report when they end. */
  async function expectFewRows(work: () => Promise<void>, log: PostgresEventLog): Promise<void> {
    const before = await counts();
    await work();
    await log.close();
    await expectReported();
    const after = await counts();
    expect({ scans: after.scans - before.scans }).toEqual({ scans: 0 });
    expect(after.fetched - before.fetched).toBeGreaterThan(100);
    expect(after.fetched - before.fetched).toBeLessThan(2_500);
  }

  async function counts(): Promise<{ scans: number; fetched: number }> {
    await database.admin.query('select pg_stat_clear_snapshot()');
    const { rows } = await database.admin.query<{ scans: number; fetched: number }>(TABLES);
    return rows[0]!;
  }

  async function expectReported(): Promise<void> {
    for (;;) {
      const { rows } = await database.admin.query(
        `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
      );
      if (rows.length === 0) return;
    }
  }
});
