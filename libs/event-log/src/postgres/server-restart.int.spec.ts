import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ManualClock } from '#libs/kernel/testing';
import { EmbeddedPostgres } from '#libs/postgres';
import { RevisionConflict } from '../event-log.js';
import { expectStoredAtMostOnce, Load } from '../testing/load.js';
import { readToEnd } from '../testing/log-under-test.js';
import { installEventLogSchema } from './event-log-schema.js';
import { PostgresEventLog } from './postgres-event-log.js';

jest.setTimeout(120_000);

const PATIENCE_MS = 120_000;

describe('PostgresEventLog over a server that dies', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let log: PostgresEventLog;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'event-log-spec-'));
    server = await EmbeddedPostgres.start({ dataDir: join(folder, 'data') });
    const client = new pg.Client({ connectionString: server.connectionString });
    await client.connect();
    await installEventLogSchema(client);
    await client.end();
    log = await PostgresEventLog.open({
      connectionString: server.connectionString,
      clock: new ManualClock(),
      retryForMs: PATIENCE_MS,
    });
  }, PATIENCE_MS);
  afterEach(async () => {
    await log.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }, PATIENCE_MS);

  it.each<[string, NodeJS.Signals]>([
    ['is killed', 'SIGKILL'],
    ['is shut down', 'SIGINT'],
  ])(
    'keeps what it acknowledged exactly once, and the rest at most once, when the server %s and comes back',
    async (_what, signal) => {
      const load = new Load(log, 32);
      for (let round = 0; round < 3; round += 1) {
        await load.progress(200);
        const exited = new Promise<void>((resolve) => server.onExit(() => resolve()));
        process.kill(server.pid, signal);
        await exited;
        await server.restart();
      }
      await load.progress(200);
      await load.stop();
      expect(load.failures.filter((error) => !(error instanceof RevisionConflict))).toEqual([]);
      expectStoredAtMostOnce(await readToEnd(log), load);
    },
    PATIENCE_MS,
  );
});
