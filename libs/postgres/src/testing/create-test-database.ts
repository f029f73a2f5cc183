import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { startTestPostgres } from './start-test-postgres.js';

export interface TestDatabase {
  connectionString: string;
  /** Removes the database; connections that are still open are ended. */
  drop(): Promise<void>;
}

/** An empty database of its own for a spec, on the server of this Jest run. Takes tens of milliseconds. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await startTestPostgres();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(server.connectionString, `create database ${name} template template0`);
  const url = new URL(server.connectionString);
  url.pathname = `/${name}`;
  return {
    connectionString: url.href,
    drop: () => execute(server.connectionString, `drop database if exists ${name} with (force)`),
  };
}

async function execute(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
