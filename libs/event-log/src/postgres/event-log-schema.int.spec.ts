import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ManualClock } from '#libs/kernel/testing';
import { createTestDatabase, type TestDatabase } from '#libs/postgres/testing';
import { LogUnavailable } from '../event-log.js';
import { appendOf, newStream } from '../testing/log-under-test.js';
import { EVENT_LOG_SCHEMA, installEventLogSchema } from './event-log-schema.js';
import { EventLogSchema1764000000000 } from './event-log-schema.migration.js';
import { PostgresEventLog } from './postgres-event-log.js';

jest.setTimeout(120_000);

describe('installEventLogSchema', () => {
  let database: TestDatabase;
  const clients: pg.Client[] = [];
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
    await database.drop();
  });

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: database.connectionString });
    clients.push(client);
    await client.connect();
    return client;
  }

  const open = () =>
    PostgresEventLog.open({ connectionString: database.connectionString, clock: new ManualClock(), retryForMs: 0 });

  async function appendOne(): Promise<unknown> {
    const log = await open();
    try {
      return await log.append({ streams: [appendOf(newStream('usage'), 'next')] });
    } finally {
      await log.close();
    }
  }

  it('may be called by many processes at once, and again, without losing anything', async () => {
    const starting = await Promise.all(Array.from({ length: 8 }, connect));
    await Promise.all(starting.map((client) => installEventLogSchema(client)));
    await expect(appendOne()).resolves.toMatchObject({ position: 1n });
    await installEventLogSchema(await connect());
    await expect(appendOne()).resolves.toMatchObject({ position: 2n });
  });

  it('joins the transaction of its caller', async () => {
    const client = await connect();
    await client.query('begin');
    await installEventLogSchema(client);
    await client.query('rollback');
    await expect(client.query('table ledger.appends')).rejects.toThrow('does not exist');
    await installEventLogSchema(client);
    await client.query('table ledger.appends');
  });

  it('changes nothing when the newest version is there', async () => {
    const client = await connect();
    await installEventLogSchema(client);
    const catalogue = `select oid, xmin from pg_proc where pronamespace = 'ledger'::regnamespace
      union all select oid, xmin from pg_class where relnamespace = 'ledger'::regnamespace order by 1`;
    const before = (await client.query(catalogue)).rows;
    await installEventLogSchema(client);
    expect((await client.query(catalogue)).rows).toEqual(before);
    expect(before.length).toBeGreaterThan(10);
  });

  it('is a migration of TypeORM', async () => {
    const source = new DataSource({
      type: 'postgres',
      url: database.connectionString,
      migrations: [EventLogSchema1764000000000],
    });
    await source.initialize();
    try {
      await source.runMigrations({ transaction: 'each' });
      expect(await source.runMigrations()).toEqual([]);
    } finally {
      await source.destroy();
    }
    await expect(appendOne()).resolves.toMatchObject({ position: 1n });
  });

  it('is needed to open the log, which says so', async () => {
    await expect(open()).rejects.toThrow(LogUnavailable);
    const client = await connect();
    await installEventLogSchema(client);
    await client.query('delete from ledger.schema_version');
    await expect(open()).rejects.toThrow(`schema ledger has version 0, ${EVENT_LOG_SCHEMA.length} is needed`);
  });
});
