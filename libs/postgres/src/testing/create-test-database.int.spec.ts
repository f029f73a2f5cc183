import { afterAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, startTestPostgres } from './index.js';

async function query<Row extends pg.QueryResultRow>(connectionString: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the PostgreSQL of the tests', () => {
  const databases: { drop(): Promise<void> }[] = [];
  afterAll(() => Promise.all(databases.map((database) => database.drop())));

  it('is one server for all callers, as durable as in production', async () => {
    const [one, other] = await Promise.all([startTestPostgres(), startTestPostgres()]);
    expect(one).toEqual(other);
    const [row] = await query<{ fsync: string; commit: string }>(
      one.connectionString,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`,
    );
    expect(row).toEqual({ fsync: 'on', commit: 'on' });
  });

  it('gives every caller an empty database of its own', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    databases.push(one, other);
    await query(one.connectionString, 'create table only_here (id int)');
    await expect(query(other.connectionString, 'table only_here')).rejects.toThrow('does not exist');
  });

  it('drops a database although connections to it are open', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.connectionString });
    client.on('error', () => undefined);
    const ended = new Promise((resolve) => client.once('end', resolve));
    await client.connect();
    await database.drop();
    await ended;
    await expect(query(database.connectionString, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });
});
