import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { BreakingProxy, createTestDatabase, type TestDatabase } from '#libs/postgres/testing';
import { openJobConnection } from './job-queue.js';

jest.setTimeout(60_000);

describe('the job queue on a PostgreSQL whose connections break', () => {
  let database: TestDatabase;
  let proxy: BreakingProxy;
  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await BreakingProxy.open(database.connectionString);
  });
  afterAll(async () => {
    await proxy.close();
    await database.drop();
  });

  const open = () => openJobConnection({ kind: 'postgres', connectionString: proxy.connectionString });

  it('refuses to open, and ends no process, when one breaks in the packet that makes it ready', async () => {
    void proxy.breakNext(1);
    await expect(open()).rejects.toThrow();
  });

  it('works jobs after the connections of a new worker broke as they became ready', async () => {
    const connection = await open();
    connection.queue.on('error', () => undefined);
    await connection.queue.add('first', {}, {});
    const broken = proxy.breakNext(2);
    const done = new Promise((resolve) => {
      const worker = connection.openWorker(({ name }) => Promise.resolve(resolve(name)));
      worker.on('error', () => undefined);
    });
    await broken;
    expect(await done).toBe('first');
    await connection.close();
  });
});
