import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { EventStoreDouble } from '#libs/event-log/testing';
import { createTestDatabase, type TestDatabase } from '#libs/postgres/testing';
import { digestTables, type ReadModelDigest } from '#libs/projections';
import { PROJECTIONS } from '../../apps/server/src/parts.js';
import type { LedgerClient } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { type Ended, runCommand } from './support/run-command.js';
import { expectStatus, Scenario } from './support/scenario.js';
import { someHistory } from './support/some-history.js';

jest.setTimeout(240_000);

describe('the event log moves from one store to another and back', () => {
  let dataDir: string;
  let double: EventStoreDouble;
  let here: TestDatabase;
  let there: TestDatabase;
  let ledger: LedgerProcess | undefined;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ledger-move-'));
    [double, here, there] = await Promise.all([EventStoreDouble.start(), createTestDatabase(), createTestDatabase()]);
  });
  afterAll(async () => {
    await ledger?.end();
    double.kill();
    await Promise.all([here.drop(), there.drop(), rm(dataDir, { recursive: true, force: true })]);
  });

  const envOf = (database: TestDatabase, eventStore = false): Record<string, string> => ({
    TOKEN_LEDGER_DATA_DIR: dataDir,
    DATABASE_URL: database.connectionString,
    ...(eventStore ? { EVENT_STORE_URL: double.connectionString } : {}),
  });
  const move = (from: string, to: string, database: TestDatabase): Promise<Ended> =>
    runCommand(['migrate-log', '--from', from, '--to', to], envOf(database));
  const start = async (env: Record<string, string>): Promise<LedgerProcess> => {
    // The stores are this test's own, also where the other tests have their log in an EventStoreDB.
    const own = { EVENT_STORE_URL: undefined, EVENT_STORE_PREFIX: undefined, ...env };
    ledger = await LedgerProcess.start({ dataDir, env: own });
    return ledger;
  };
  const rebuild = async (env: Record<string, string>) =>
    expect(await runCommand(['rebuild'], env)).toMatchObject({ code: 0, stderr: '' });

  it('with the same answers on each, identical read models where it comes back, and no word while a server runs', async () => {
    await start(envOf(here));
    const client = (ledger as LedgerProcess).client();
    await someHistory(new Scenario(client));
    const before = await answers(client);
    const refused = await move('postgres', double.connectionString, here);
    expect(refused).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^A server is at work on the source/),
    });
    await ledger?.end();

    const first = await move('postgres', double.connectionString, here);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^Copied (\d+) events and verified \1 in [\d.]+ s\.$/m);
    expect(await move('postgres', double.connectionString, here)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Copied 0 events \(\d+ stood there already\)/m),
    });

    const back = await move(double.connectionString, there.connectionString, here);
    expect(digestIn(back)).toBe(digestIn(first));
    await rebuild(envOf(here));
    await rebuild(envOf(there));
    expect(await digests(there)).toEqual(await digests(here));

    const early = await LedgerProcess.startInVain({
      dataDir,
      env: { EVENT_STORE_PREFIX: undefined, ...envOf(here, true) },
    });
    expect(early.output).toContain('The read models were filled from the log in PostgreSQL');
    expect(await runCommand(['rebuild', 'tokens'], envOf(here, true))).toMatchObject({ code: 1, stdout: '' });
    await rebuild(envOf(here, true));
    await start(envOf(here, true));
    expect(await answers((ledger as LedgerProcess).client())).toEqual(before);
    await someHistory(new Scenario((ledger as LedgerProcess).client()));
    const later = await answers((ledger as LedgerProcess).client());
    await ledger?.end();

    // The log that it left is the beginning of the one that comes back.
    expect(await move(double.connectionString, 'postgres', here)).toMatchObject({ code: 0, stderr: '' });
    await rebuild(envOf(here));
    await start(envOf(here));
    expect(await answers((ledger as LedgerProcess).client())).toEqual(later);
  });

  it('goes to the streams of EVENT_STORE_PREFIX, beside those of another ledger', async () => {
    await ledger?.end();
    const env = { ...envOf(here), EVENT_STORE_PREFIX: 'moved' };
    const moved = await runCommand(['migrate-log', '--from', 'postgres', '--to', double.connectionString], env);
    expect(moved).toMatchObject({ code: 0, stderr: '' });
    expect(moved.stdout).toMatch(/^Copied (\d+) events and verified \1 in [\d.]+ s\.$/m);
  });

  it('says in one sentence what cannot be done, and ends with 1', async () => {
    const oneLine = (words: string) => ({ code: 1, stdout: '', stderr: expect.stringMatching(`^${words}.*[.]\n$`) });
    expect(await move('postgres', 'postgres', here)).toEqual(oneLine('The log is there already'));
    expect(await move('frogs', 'postgres', here)).toEqual(oneLine('A store is '));
    expect(await move('postgres', 'esdb', here)).toEqual(oneLine('EVENT_STORE_URL is not set'));
    const nothing = { TOKEN_LEDGER_DATA_DIR: join(dataDir, 'nothing') };
    const args = ['migrate-log', '--from', 'postgres', '--to', double.connectionString];
    expect(await runCommand(args, nothing)).toEqual(oneLine('There is no ledger in '));
  });
});

const digestIn = ({ stdout }: Ended): string | undefined => /SHA-256 ([0-9a-f]{64})\./.exec(stdout)?.[1];

async function digests({ connectionString }: TestDatabase): Promise<ReadModelDigest[]> {
  const pool = new pg.Pool({ connectionString, max: 1 });
  try {
    const found = await digestTables(pool, PROJECTIONS);
    expect(found.filter(({ rows }) => rows > 0).length).toBeGreaterThanOrEqual(8);
    return found;
  } finally {
    await pool.end();
  }
}

/** Everything that the read models answer, but for positions, which are the store's, and the uses that asking makes. */
async function answers(client: LedgerClient): Promise<unknown> {
  const paths = ['/v1/tokens?type=organization', '/v1/users', '/v1/organizations', '/v1/charges', '/v1/settings'];
  const entries = await client.get('/v1/audit/entries?limit=1000&order=asc');
  const replies = await Promise.all(paths.map((path) => client.get(path)));
  const { data } = expectStatus(entries, 200) as { data: { action: string; position: string }[] };
  const kept = data.filter(({ action }) => !/^TokenSeen$|^Audit|^System|^Server/.test(action));
  return {
    bodies: replies.map((reply) => expectStatus(reply, 200)),
    entries: kept.map(({ position: _position, ...entry }) => entry),
  };
}
