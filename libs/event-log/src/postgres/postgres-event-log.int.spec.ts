import pg from 'pg';
import { createTestDatabase } from '#libs/postgres/testing';
import type { EventLog } from '../event-log.js';
import { eventLogContract } from '../testing/event-log-contract.js';
import { installEventLogSchema } from './event-log-schema.js';
import { PostgresEventLog } from './postgres-event-log.js';

eventLogContract('PostgresEventLog', async (clock) => {
  const { connectionString, drop } = await createTestDatabase();
  const client = new pg.Client({ connectionString });
  await client.connect();
  await installEventLogSchema(client);
  await client.end();
  const logs: EventLog[] = [];
  const reopen = async () => {
    const log = await PostgresEventLog.open({ connectionString, clock });
    logs.push(log);
    return log;
  };
  const close = async () => {
    await Promise.all(logs.map((log) => log.close()));
    await drop();
  };
  return { log: await reopen(), reopen, close };
});
