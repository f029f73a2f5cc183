import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LogUnavailable } from '../event-log.js';
import { appendOf, newStream, readToEnd } from '../testing/log-under-test.js';
import { createLogDatabase, type LogDatabase } from '../testing/postgres-log.js';

jest.setTimeout(120_000);

describe('the housekeeping of PostgresEventLog', () => {
  let database: LogDatabase;
  beforeEach(async () => {
    database = await createLogDatabase();
    database.clock.epochMs = Date.parse('2026-11-25T00:00:00.000Z');
  });
  afterEach(() => database.close());

  async function names(sql: string): Promise<string[]> {
    const { rows } = await database.admin.query<{ name: string }>(sql);
    return rows.map(({ name }) => name);
  }

  const partitions = () =>
    names(`select relname as name from pg_class c join pg_inherits i on i.inhrelid = c.oid
      where inhparent = 'ledger.appends_usage'::regclass order by 1`);
  const placesOfUsage = () =>
    names(
      'select distinct relname as name from ledger.appends_usage a join pg_class c on c.oid = a.tableoid order by 1',
    );

  it('makes the partitions of usage ahead, when it opens and when the month changes', async () => {
    const log = await database.open();
    expect(await partitions()).toEqual([
      'appends_usage_2026_11',
      'appends_usage_2026_12',
      'appends_usage_2027_01',
      'appends_usage_default',
    ]);
    await log.append({ streams: [appendOf(newStream('usage'), 'next')] });
    database.clock.epochMs = Date.parse('2026-12-01T00:00:00.000Z');
    await log.append({ streams: [appendOf(newStream('usage'), 'next')] });
    await log.close();
    expect(await partitions()).toContain('appends_usage_2027_02');
    expect(await placesOfUsage()).toEqual(['appends_usage_2026_11', 'appends_usage_2026_12']);
  });

  it('gives every partition the indexes that reads and appends need', async () => {
    await database.open();
    for (const partition of ['appends_security', 'appends_account', ...(await partitions())]) {
      const indexes = await names(
        `select indexdef as name from pg_indexes where schemaname = 'ledger' and tablename = '${partition}'`,
      );
      expect(indexes.map((definition) => definition.replace(/^.* ON .* USING /, '')).sort()).toEqual([
        'btree (last_position)',
        'btree (stream, last_revision)',
      ]);
      expect(indexes.every((definition) => definition.startsWith('CREATE UNIQUE INDEX'))).toBe(true);
    }
  });

  it('lets the catch-all take what has no partition, and never fails an append for it', async () => {
    const log = await database.open();
    // Whoever reads keeps partitions from being made.
    await database.admin.query('begin');
    await database.admin.query('select from ledger.appends limit 1');
    const usage = newStream('usage');
    for (const instant of ['2019-01-01', '2026-11-25', '2031-01-01']) {
      database.clock.epochMs = Date.parse(`${instant}T00:00:00.000Z`);
      await log.append({ streams: [appendOf(usage, 'next')] });
    }
    expect(await placesOfUsage()).toEqual(['appends_usage_2026_11', 'appends_usage_default']);
    await database.admin.query('commit');
    const other = await database.open();
    expect((await other.append({ streams: [appendOf(usage, 'next')] })).revisions).toEqual([3n]);
    expect(await partitions()).not.toContain('appends_usage_2031_01');
    expect(await partitions()).toContain('appends_usage_2031_02');
    expect((await log.readStream(usage)).map(({ revision }) => revision)).toEqual([0n, 1n, 2n, 3n]);
  });

  it('drops whole partitions, of which nothing is left behind', async () => {
    const log = await database.open();
    await log.append({ streams: [appendOf(newStream('usage'), 'next', 3), appendOf(newStream(), 'noStream')] });
    await log.dropUsageBefore('2026-12-01T00:00:00.000Z');
    expect(await partitions()).not.toContain('appends_usage_2026_11');
    expect((await readToEnd(log)).length).toBe(1);
  });

  it('leaves readers alone that stand in the way of a partition, and opens all the same', async () => {
    await database.admin.query('begin');
    await database.admin.query('select from ledger.appends limit 1');
    const log = await database.open();
    const { revisions } = await log.append({ streams: [appendOf(newStream('usage'), 'next')] });
    expect(revisions).toEqual([0n]);
    await database.admin.query('commit');
    expect(await partitions()).toEqual(['appends_usage_default']);
  });

  it('forgets flushes that are old, and never the last one', async () => {
    const log = await database.open();
    const stream = newStream('account');
    await log.append({ streams: [appendOf(stream, 'noStream')] });
    await database.admin.query(`
      update ledger.flushes set made_at = now() - interval '1 hour';
      insert into ledger.flushes (position, security_position, size, writer, number, made_at)
      select 1 + n, 0, 1, '11111111-1111-4111-8111-111111111111', n, now() - interval '20 minutes' from generate_series(1, 9000) n`);
    const heads = await log.heads();
    for (const left of ['4906', '810', '1']) {
      await database.admin.query('select ledger.forget_flushes()');
      expect(await names('select count(*)::text as name from ledger.flushes')).toEqual([left]);
      expect(await log.heads()).toEqual(heads);
    }
    const { position, revisions } = await log.append({ streams: [appendOf(stream, 0n)] });
    expect({ revisions, isNext: position === heads.all + 1n }).toEqual({ revisions: [1n], isNext: true });
  });

  it('forgets them by itself while the log is in use', async () => {
    const log = await database.open();
    await database.admin.query(`
      insert into ledger.flushes (position, security_position, size, writer, number, made_at)
      select n, 0, 1, '11111111-1111-4111-8111-111111111111', n, now() - interval '20 minutes' from generate_series(1, 50) n`);
    const stream = newStream('account');
    for (let flush = 0; flush < 1_030; flush += 1) await log.append({ streams: [appendOf(stream, 'any')] });
    await log.close();
    expect(
      await names(
        `select number::text as name from ledger.flushes where writer = '11111111-1111-4111-8111-111111111111'`,
      ),
    ).toEqual([]);
  }, 60_000);

  it('refuses more requests than it is told to keep waiting, at once', async () => {
    const log = await database.open({ maxWaiting: 3 });
    const appends = Array.from({ length: 5 }, () => log.append({ streams: [appendOf(newStream(), 'noStream')] }));
    await expect(appends[3]).rejects.toThrow(LogUnavailable);
    await expect(appends[4]).rejects.toThrow(LogUnavailable);
    await Promise.all(appends.slice(0, 3));
    await log.append({ streams: [appendOf(newStream(), 'noStream')] });
  });
});
