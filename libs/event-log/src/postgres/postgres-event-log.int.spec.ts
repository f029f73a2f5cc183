import { jest } from '@jest/globals';
import { eventLogContract } from '../testing/event-log-contract.js';
import { createLogDatabase } from '../testing/postgres-log.js';

jest.setTimeout(120_000);

eventLogContract('PostgresEventLog', async (clock) => {
  const database = await createLogDatabase(clock);
  const reopen = () => database.open();
  return { log: await reopen(), reopen, close: () => database.close() };
});
