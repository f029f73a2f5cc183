import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { outliveBreaks } from './outlive-breaks.js';
import { createTestDatabase, type TestDatabase } from './testing/index.js';

describe('a pool whose connections break', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('tells the next statement, and goes on, when one breaks while it is lent out and nobody listens', async () => {
    const { connectionString } = database;
    const pool = new pg.Pool({ connectionString, max: 2, onConnect: outliveBreaks });
    const lent = await pool.connect();
    const { rows } = await lent.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const ended = new Promise((resolve) => lent.once('end', resolve));
    await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await ended;
    await expect(lent.query('SELECT 1')).rejects.toThrow();
    lent.release(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });
});
