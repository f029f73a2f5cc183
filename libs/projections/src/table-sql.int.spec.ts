import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Json } from '#libs/kernel';
import { createTestDatabase, type TestDatabase } from '#libs/postgres/testing';
import fc from 'fast-check';
import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import type { ReadModelTable, Row } from './projection.js';
import { TableSql } from './table-sql.js';
import { inTransaction, type Transaction } from './transaction.js';

jest.setTimeout(60_000);

const table: ReadModelTable<Row> = {
  name: 'odd "name"',
  columns: {
    key: 'text',
    started_at: 'timestamptz',
    text: 'text',
    list: 'text[]',
    integer: 'integer',
    bigint: 'bigint',
    numeric: 'numeric',
    boolean: 'boolean',
    'select "x"': 'jsonb',
  },
  key: ['key', 'started_at'],
};

const tricky = fc.constantFrom(
  '',
  'NULL',
  'null',
  '\\N',
  '\\.',
  '{}',
  '"',
  '\\',
  ',',
  '\t',
  '\r\n',
  "'",
  '%s',
  '$1',
  '漢字',
  '🪙',
);
const text = fc.oneof(
  tricky,
  fc.string({ unit: 'binary' }).map((s) => s.replaceAll('\u0000', '')),
);
const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const instant = fc
  .date({ min: new Date('1970-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary);
const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')) as Json);
const rowsOf = fc.uniqueArray(
  fc.record({
    key: text,
    started_at: instant,
    text: orNull(text),
    list: orNull(fc.array(text, { maxLength: 4 })),
    integer: orNull(fc.integer()),
    bigint: orNull(whole),
    numeric: orNull(fc.tuple(whole, fc.nat(999)).map(([units, part]) => `${units}.${String(part).padStart(3, '0')}`)),
    boolean: orNull(fc.boolean()),
    'select "x"': json.filter((value) => value !== null),
  }) as fc.Arbitrary<Row>,
  { maxLength: 8, selector: (row) => `${row['key'] as string}|${row['started_at'] as string}` },
);

describe('TableSql', () => {
  const sql = new TableSql(table);
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.connectionString });
    await pool.query(`
      CREATE SCHEMA read_model; SET TimeZone = 'Asia/Kolkata';
      CREATE TABLE read_model."odd ""name""" (
        key text, started_at timestamptz, text text, list text[], integer integer, bigint bigint, numeric numeric,
        boolean boolean, "select ""x""" jsonb, PRIMARY KEY (key, started_at))`);
  });
  beforeEach(() => pool.query('TRUNCATE read_model."odd ""name"""'));
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const keyOf = (row: Row): string[] => [row['key'] as string, row['started_at'] as string];
  const load = (rows: readonly Row[]): Promise<Row[]> =>
    inTransaction(pool, async (transaction) => {
      const found = await transaction.query(sql.load, sql.keyArrays(rows.map(keyOf)));
      return found.sort((a, b) => Number(a[0]) - Number(b[0])).map((fields) => sql.parse(fields));
    });

  it('gives every value back as it was, written by COPY, INSERT or upsert', async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf, fc.constantFrom('copy', 'insert', 'upsert'), async (rows, way) => {
        await inTransaction(pool, async (transaction) => {
          await transaction.query('TRUNCATE read_model."odd ""name"""');
          if (way === 'copy') await copy(transaction, sql.copy, sql.copyLines(rows));
          else await transaction.query(way === 'insert' ? sql.insert : sql.upsert, sql.columnArrays(rows));
        });
        expect(await load(rows)).toEqual(rows);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps the first row of a key on INSERT, takes the last on upsert, and removes by key', async () => {
    const row = {
      ...(fc.sample(
        rowsOf.filter((rows) => rows.length > 0),
        1,
      )[0]![0] as Row),
      text: 'first',
    };
    const second = { ...row, text: 'second' };
    const other = { ...row, key: 'another' };
    await inTransaction(pool, async (transaction) => {
      await transaction.query(sql.insert, sql.columnArrays([row, other, second]));
    });
    expect(await load([row, other])).toEqual([row, other]);
    await inTransaction(pool, (transaction) => transaction.query(sql.upsert, sql.columnArrays([second])));
    expect(await load([row])).toEqual([second]);
    await inTransaction(pool, (transaction) => transaction.query(sql.remove, sql.keyArrays([keyOf(row)])));
    expect(await load([row, other])).toEqual([other]);
  });

  it('takes the lines of a COPY piece by piece, before it runs and after', async () => {
    const rows = fc.sample(
      rowsOf.filter((some) => some.length > 2),
      1,
    )[0]!;
    await inTransaction(pool, async (transaction) => {
      const slow = transaction.query('SELECT pg_sleep(0.05)::text');
      const { copy: target, done } = transaction.copy(sql.copy);
      target.write(sql.copyLines(rows.slice(0, 1)));
      await slow;
      target.write(sql.copyLines(rows.slice(1, 2)));
      await nextTurn();
      target.write(sql.copyLines(rows.slice(2)));
      target.end();
      await done;
    });
    expect(await load(rows)).toEqual(rows);
  });

  it('looks up and removes by the key although the statistics say that the table is empty', async () => {
    await pool.query('CREATE INDEX ON read_model."odd ""name""" (started_at); ANALYZE read_model."odd ""name"""');
    await pool.query(`
      INSERT INTO read_model."odd ""name"""
      SELECT 'key' || n, '2026-01-01T00:00:00Z', NULL, NULL, NULL, NULL, NULL, NULL, '0' FROM generate_series(1, 20000) n`);
    const keys = sql.keyArrays(Array.from({ length: 500 }, (_, n) => [`key${n}`, '2026-01-01T00:00:00.000Z']));
    for (const { text } of [sql.load, sql.remove]) {
      const plan = await inTransaction(pool, (transaction) => transaction.query(`EXPLAIN ${text}`, keys));
      const lookUp = plan.map(([line]) => line).filter((line) => line?.includes('Index Cond'));
      expect(lookUp).toEqual([expect.stringMatching(/key = u\.c0.*started_at = u\.c1/)]);
    }
    expect(await load([{ key: 'key1', started_at: '2026-01-01T00:00:00.000Z' }])).toHaveLength(1);
  });

  it('fails on a row that PostgreSQL refuses, and leaves the connection usable', async () => {
    const line = Buffer.from('only one field\n');
    const attempt = (text: string) => inTransaction(pool, (transaction) => copy(transaction, text, line));
    await expect(attempt(sql.copy)).rejects.toMatchObject({ code: '22P04' });
    await expect(attempt('COPY nothing FROM STDIN')).rejects.toMatchObject({ code: '42P01' });
    expect(await load([])).toEqual([]);
    expect(pool.totalCount).toBe(1);
  });
});

function copy(transaction: Transaction, text: string, data: Buffer): Promise<void> {
  const { copy: target, done } = transaction.copy(text);
  target.write(data);
  target.end();
  return done;
}
