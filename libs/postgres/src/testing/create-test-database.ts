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
    drop: () => drop(server.connectionString, name),
  };
}

/** PostgreSQL's code for a database that others are connected to, after it has waited 5 s for them to leave. */
const IN_USE = '55006';

/**
 * Connections that a spec has closed may take a moment to be gone; ended by force, they would fail a spec that has
 * passed. Those that a spec left open are ended in the end.
 */
async function drop(connectionString: string, name: string): Promise<void> {
  try {
    await execute(connectionString, `drop database if exists ${name}`);
  } catch (error) {
    if ((error as { code?: string }).code !== IN_USE) throw error;
    await execute(connectionString, `drop database if exists ${name} with (force)`);
  }
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
