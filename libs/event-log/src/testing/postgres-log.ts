import pg from 'pg';
import { ManualClock } from '#libs/kernel/testing';
import { createTestDatabase } from '#libs/postgres/testing';
import { installEventLogSchema } from '../postgres/event-log-schema.js';
import { PostgresEventLog, type PostgresEventLogOptions } from '../postgres/postgres-event-log.js';

/** A database with the schema of the log, and what a spec opens on it. */
export interface LogDatabase {
  readonly connectionString: string;
  readonly clock: ManualClock;
  /** A connection beside the log. */
  readonly admin: pg.Client;
  open(options?: Partial<PostgresEventLogOptions>): Promise<PostgresEventLog>;
  /** Closes all logs and removes the database. */
  close(): Promise<void>;
}

export async function createLogDatabase(clock = new ManualClock()): Promise<LogDatabase> {
  const { connectionString, drop } = await createTestDatabase();
  const admin = new pg.Client({ connectionString });
  await admin.connect();
  await installEventLogSchema(admin);
  const logs: PostgresEventLog[] = [];
  const open = async (options: Partial<PostgresEventLogOptions> = {}) => {
    const log = await PostgresEventLog.open({ connectionString, clock, ...options });
    logs.push(log);
    return log;
  };
  const close = async () => {
    await Promise.all(logs.map((log) => log.close()));
    await admin.end();
    await drop();
  };
  return { connectionString, clock, admin, open, close };
}
