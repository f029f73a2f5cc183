import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { freePort, REDIS, whereInstalled } from '#libs/kernel/testing';
import { expectSentence } from './support/expect-sentence.js';
import { type FailedStart, LedgerProcess } from './support/ledger-process.js';
import { postmasterOf } from './support/processes.js';
import { RedisProcess } from './support/redis-process.js';
import { FaultyLink } from '../chaos/installation/faulty-link.js';

const START_MS = 120_000;
/** What a person waits for an answer. */
const SOON_MS = 20_000;
const PASSWORD = 'open-sesame#7';
const WRITTEN = encodeURIComponent(PASSWORD);
const itWithRedis = whereInstalled(it, REDIS, 'a Redis that is not as it must be');

describe('a service that a setting names and that cannot be used', () => {
  let folder: string;
  let ledger: LedgerProcess;
  let link: FaultyLink;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-unusable-'));
    ledger = await LedgerProcess.start();
    const { databaseUrl } = (await postmasterOf(ledger.dataDir))!;
    await requirePasswordOf('guarded', databaseUrl, ledger.dataDir);
    const url = new URL(databaseUrl);
    link = await FaultyLink.open({ path: `${url.searchParams.get('host')}/.s.PGSQL.${url.port}` });
  }, START_MS);
  afterAll(async () => {
    await link.close();
    await ledger.dispose();
    await rm(folder, { recursive: true, force: true });
  }, START_MS);

  async function startWith(env: Record<string, string>): Promise<FailedStart> {
    const began = performance.now();
    const dataDir = join(folder, 'data');
    const failed = await LedgerProcess.startInVain({ dataDir, env });
    expect(performance.now() - began).toBeLessThan(SOON_MS);
    for (const secret of [PASSWORD, WRITTEN]) expect(failed.output).not.toContain(secret);
    // Nothing was begun that somebody has to end.
    expect(await postmasterOf(dataDir)).toBeNull();
    return failed;
  }

  it('ends the start with a sentence where nobody listens at the address of DATABASE_URL', async () => {
    const url = `postgres://ledger:${WRITTEN}@127.0.0.1:${await freePort()}/ledger`;
    const failed = await startWith({ DATABASE_URL: url });
    expectSentence(failed, /^DATABASE_URL names a PostgreSQL that cannot be used: connect ECONNREFUSED 127\.0\.0\.1:/);
  }, 60_000);

  it('ends the start with a sentence where the password of DATABASE_URL is wrong', async () => {
    const url = (password: string) => `postgres://guarded:${password}@127.0.0.1:${link.port}/ledger?sslmode=disable`;
    const right = new pg.Client({ connectionString: url('right') });
    await right.connect();
    await right.end();
    const failed = await startWith({ DATABASE_URL: url(WRITTEN) });
    expectSentence(failed, /^DATABASE_URL .*: password authentication failed for user "guarded"\.$/m);
  }, 60_000);

  it('ends the start with a sentence where there is no database of that name', async () => {
    const url = `postgres://ledger:${WRITTEN}@127.0.0.1:${link.port}/elsewhere?sslmode=disable`;
    expectSentence(await startWith({ DATABASE_URL: url }), /^DATABASE_URL .*: database "elsewhere" does not exist\.$/m);
  }, 60_000);

  it('ends the start with a sentence where a password was not written as URLs demand', async () => {
    const url = `postgres://ledger:${PASSWORD}@127.0.0.1:${link.port}/ledger`;
    expectSentence(await startWith({ DATABASE_URL: url }), /^DATABASE_URL .*: Invalid URL\.$/m);
  }, 60_000);

  it('ends the start with a sentence where nobody listens at the address of EVENT_STORE_URL', async () => {
    const { databaseUrl } = (await postmasterOf(ledger.dataDir))!;
    const url = `esdb://admin:${WRITTEN}@127.0.0.1:${await freePort()}?tls=false`;
    const failed = await startWith({ DATABASE_URL: databaseUrl, EVENT_STORE_URL: url });
    expectSentence(failed, /^EVENT_STORE_URL names an EventStoreDB that cannot be used: .*ECONNREFUSED 127\.0\.0\.1:/);
  }, 60_000);

  it('ends the start with a sentence where nobody listens at the address of REDIS_URL', async () => {
    const failed = await startWith({ REDIS_URL: `redis://:${WRITTEN}@127.0.0.1:${await freePort()}` });
    expectSentence(failed, /^REDIS_URL names a Redis that cannot be used: connect ECONNREFUSED 127\.0\.0\.1:/);
  }, 60_000);

  itWithRedis(
    'ends the start with a sentence where Redis may drop jobs for want of memory, and with none where it may not',
    async () => {
      for (const policy of ['allkeys-lru', 'volatile-ttl']) {
        const redis = await RedisProcess.start({ password: PASSWORD, policy });
        try {
          const failed = await startWith({ REDIS_URL: `redis://:${WRITTEN}@127.0.0.1:${redis.port}` });
          const said = `: its maxmemory-policy is ${policy}, by which it may drop jobs; set it to noeviction.`;
          expectSentence(failed, new RegExp(`^REDIS_URL names a Redis that cannot be used${said}$`, 'm'));
        } finally {
          await redis.kill();
        }
      }
      const sound = await RedisProcess.start({ password: PASSWORD });
      try {
        const env = { REDIS_URL: `redis://:${WRITTEN}@127.0.0.1:${sound.port}` };
        const started = await LedgerProcess.start({ env });
        expect((await started.client().get('/v1/jobs')).status).toBe(200);
        await started.dispose();
      } finally {
        await sound.kill();
      }
    },
    60_000,
  );

  itWithRedis(
    'ends the start with a sentence where the password of REDIS_URL is wrong',
    async () => {
      const redis = await RedisProcess.start({ password: 'another' });
      try {
        const failed = await startWith({ REDIS_URL: `redis://:${WRITTEN}@127.0.0.1:${redis.port}` });
        expectSentence(failed, /^REDIS_URL .*: WRONGPASS/);
      } finally {
        await redis.kill();
      }
    },
    60_000,
  );
});

/** Makes a superuser whom PostgreSQL asks for a password, which is `right`. */
async function requirePasswordOf(user: string, databaseUrl: string, dataDir: string): Promise<void> {
  const rules = join(dataDir, 'postgres', 'pg_hba.conf');
  const others = await readFile(rules, 'utf8');
  await writeFile(rules, `local all ${user} scram-sha-256\n`);
  await appendFile(rules, others);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`create role ${user} superuser login password 'right'`);
    await client.query('select pg_reload_conf()');
  } finally {
    await client.end();
  }
}
