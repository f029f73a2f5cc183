import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canRun, REDIS } from '#libs/kernel/testing';
import { Cluster, type MemberName, MEMBERS } from '../cluster/cluster.js';
import { EVENT_STORE_URL } from './support/event-store.js';
import { LedgerClient, type Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';
import { eventually } from './support/eventually.js';

const TEST_MS = 120_000;
const TAKEN_OVER_WITHIN_MS = 10_000;
/** Elsewhere the roles have their jobs in PostgreSQL. */
const hasRedis = canRun(REDIS, 'roles with jobs in Redis');

describe('processes of three roles, two of each, that start at once on an empty database', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ledger-roles-'));
    cluster = await Cluster.start({
      folder,
      redis: hasRedis,
      eventStoreUrl: EVENT_STORE_URL === '' ? null : EVENT_STORE_URL,
    });
  }, TEST_MS);
  afterAll(() => cluster?.stop(), TEST_MS);

  const client = (name: MemberName, token: string | null = cluster.adminToken) =>
    new LedgerClient(`http://127.0.0.1:${cluster.member(name).port}`, token);

  it('make one first admin token, kept by the one that made it', async () => {
    const kept = MEMBERS.filter((name) => existsSync(join(cluster.dataDirOf(name), 'admin-token')));
    expect(kept).toHaveLength(1);
    for (const name of ['api-a', 'api-b'] as const) {
      expect(expectStatus(await client(name).get('/v1/me'), 200)).toMatchObject({ token: { type: 'admin' } });
    }
    // A read that names no position waits a moment for the projectors, and they have only begun.
    const { admin } = new Scenario(client('api-a'));
    const entries = await eventually(TAKEN_OVER_WITHIN_MS, async () => {
      const { data } = expectStatus(await admin.get('/v1/audit/entries?action=TokenCreated'), 200) as { data: Loose[] };
      return data.length === 0 ? null : data;
    });
    expect(entries).toHaveLength(1);
  });

  it('are each ready, and say which role they have', async () => {
    for (const name of MEMBERS) {
      const { checks } = expectStatus(await client(name, null).get('/health/ready'), 200);
      expect(checks.role).toMatchObject({ ok: true, detail: { role: cluster.member(name).role } });
    }
  });

  it('answer the API on api alone; worker and projector answer health checks and, to who may see them, metrics', async () => {
    for (const name of ['worker-a', 'projector-a'] as const) {
      expect((await client(name, null).get('/health/live')).status).toBe(200);
      expect((await client(name).get('/metrics')).text).toContain('token_ledger_log_position');
      expect((await client(name, null).get('/metrics')).status).toBe(401);
      for (const path of ['/v1/me', '/v1/tokens', '/v1/projections', '/docs', '/openapi.json', '/v1/authorize']) {
        expect({ path, status: (await client(name).get(path)).status }).toEqual({ path, status: 404 });
      }
      expect((await client(name).post('/v1/verify', { token: cluster.adminToken })).status).toBe(404);
    }
  });

  it('a read that names the position of a write on one api sees it on the other, filled by a projector', async () => {
    const [onA, onB] = [new Scenario(client('api-a')), client('api-b')];
    for (let round = 0; round < 20; round += 1) {
      const created = await onA.admin.post('/v1/organizations', { handle: `acme-${round}` });
      const { uid } = expectStatus(created, 201);
      const headers = { 'ledger-min-position': created.headers.get('ledger-position')! };
      const path = `/v1/audit/entries?organization=${uid}&action=OrganizationCreated`;
      expect(expectStatus(await onB.get(path, { headers }), 200).data).toHaveLength(1);
    }
  });

  it(
    'a job that was asked for on api is run by a worker, once for each token whatever is asked twice',
    async () => {
      const scenario = new Scenario(client('api-a'));
      const { uid } = await scenario.organization();
      const expiresAt = new Date(performance.timeOrigin + performance.now() + 2_000).toISOString();
      const { token } = await scenario.organizationToken(uid, { expiresAt });
      const recorded = await eventually(60_000, async () => {
        for (const name of ['api-a', 'api-b'] as const) {
          expectStatus(await client(name).post('/v1/jobs/expire-tokens/run', {}), 202);
        }
        const entries = await scenario.entries(`token=${token.uid}&action=TokenExpired`);
        return entries.length > 0 ? entries : null;
      });
      expect(recorded).toHaveLength(1);
      expect(recorded[0].actor).toMatchObject({ type: 'job', uid: 'expire-tokens' });
      const jobs: Loose[] = expectStatus(await client('api-b').get('/v1/jobs'), 200).data;
      expect(jobs.find(({ name }) => name === 'expire-tokens').lastRun).not.toBeNull();
    },
    TEST_MS,
  );

  const PROJECTORS = ['projector-a', 'projector-b'] as const;
  const stateOf = async (name: MemberName): Promise<string> =>
    expectStatus(await client(name, null).get('/health/ready'), 200).checks.role.detail.state;

  /** The projector that follows the log, and the one that stands by. */
  const projectors = () =>
    eventually(TAKEN_OVER_WITHIN_MS, async () => {
      const states = await Promise.all(PROJECTORS.map(stateOf));
      if ([...states].sort().join() !== 'active,standby') return null;
      const active = PROJECTORS[states.indexOf('active')]!;
      return { active, standby: PROJECTORS[states.indexOf('standby')]! };
    });

  /** How long it takes until something that is written now is read with its position. */
  async function readModelsMoveWithin(ms: number): Promise<number> {
    const began = performance.now();
    const created = await client('api-a').post('/v1/organizations', { handle: `moving-${Math.round(began)}` });
    const { uid } = expectStatus(created, 201);
    const headers = { 'ledger-min-position': created.headers.get('ledger-position')! };
    await eventually(ms, async () => {
      const path = `/v1/audit/entries?organization=${uid}&action=OrganizationCreated`;
      const { status, body } = await client('api-b').get(path, { headers });
      if (status === 503) return null;
      expect({ status, entries: body.data?.length }).toEqual({ status: 200, entries: 1 });
      return true;
    });
    return performance.now() - began;
  }

  it(
    'of two projectors one follows and one stands by, which takes over within 10 s of kill -9 of the other',
    async () => {
      const { active, standby } = await projectors();
      await cluster.kill(active);
      expect(await readModelsMoveWithin(TAKEN_OVER_WITHIN_MS)).toBeLessThan(TAKEN_OVER_WITHIN_MS);
      expect(await stateOf(standby)).toBe('active');
      await cluster.startMember(active);
      expect(await projectors()).toEqual({ active: standby, standby: active });
    },
    TEST_MS,
  );

  it(
    'one that stands still loses its turn within 10 s, and stands by when it wakes up',
    async () => {
      const { active, standby } = await projectors();
      const { pid } = cluster.member(active).ledger!.child;
      process.kill(pid!, 'SIGSTOP');
      try {
        expect(await readModelsMoveWithin(TAKEN_OVER_WITHIN_MS)).toBeLessThan(TAKEN_OVER_WITHIN_MS);
      } finally {
        process.kill(pid!, 'SIGCONT');
      }
      expect(await projectors()).toEqual({ active: standby, standby: active });
      await readModelsMoveWithin(TAKEN_OVER_WITHIN_MS);
      const list: Loose[] = expectStatus(await client('api-a').get('/v1/projections'), 200).data;
      expect(list.filter(({ deadLetters }) => deadLetters > 0)).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'one that is stopped in order hands over at once',
    async () => {
      const { active, standby } = await projectors();
      await cluster.member(active).ledger!.end('SIGTERM');
      expect(await readModelsMoveWithin(TAKEN_OVER_WITHIN_MS)).toBeLessThan(3_000);
      await cluster.startMember(active);
      expect(await projectors()).toEqual({ active: standby, standby: active });
    },
    TEST_MS,
  );

  it(
    'one with other secrets does not start, and says why in a sentence',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'ledger-foreign-'));
      try {
        const env = { ...cluster.environment(), ROLE: 'worker', TOKEN_LEDGER_SECRETS_FILE: join(folder, 'secrets') };
        const { code, output } = await LedgerProcess.startInVain({ dataDir: folder, env });
        expect(code).toBe(1);
        expect(output).toContain('are not those of this ledger');
        const given = await readFile(cluster.environment()['TOKEN_LEDGER_SECRETS_FILE']!, 'utf8');
        const other = JSON.stringify({ ...JSON.parse(given), pepper: Buffer.alloc(32, 7).toString('base64url') });
        const inPlace = { ...env, TOKEN_LEDGER_SECRETS_FILE: undefined, TOKEN_LEDGER_SECRETS: other };
        const refused = await LedgerProcess.startInVain({ dataDir: folder, env: inPlace });
        expect(refused.output).toContain('The secrets in TOKEN_LEDGER_SECRETS are not those of this ledger');
        expect(refused.output).not.toContain(JSON.parse(other).pepper);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    TEST_MS,
  );
});
