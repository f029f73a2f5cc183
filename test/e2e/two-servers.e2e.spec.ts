import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itOnPostgresLog } from './support/it-on-postgres-log.js';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { descendantsOf, type Postmaster } from './support/processes.js';
import { expectStatus, type Scenario } from './support/scenario.js';
import { TwoServers } from './support/two-servers.js';

const TEST_MS = 240_000;
const REVOCATIONS = 300;
const MEMBERSHIPS = 100;
const FREE_KEYS = 50;
const LOAD_CALLERS = 4;
const CALLERS = 32;
/** On each server, at once. Twice so many on both stay below the tokens that an organization may have. */
const CREATORS = 12;

describe('two servers on one database', () => {
  let servers: TwoServers;
  let postmaster: Postmaster;
  let onA: Scenario;
  let onB: Scenario;

  beforeAll(async () => {
    servers = await TwoServers.start();
    ({ postmaster, onA, onB } = servers);
  }, TEST_MS);
  afterAll(() => servers?.dispose(), 60_000);

  /** Charged uses on both servers until the end of `work`. Every one of them must be accepted. */
  async function underLoad<T>(work: () => Promise<T>): Promise<T> {
    const organization = await onA.organization();
    await onA.grant(organization.uid, '1000000');
    const { secret } = await onA.organizationToken(organization.uid);
    let isOver = false;
    const caller = async (scenario: Scenario) => {
      while (!isOver) {
        const verdict = await scenario.verify(secret, { cost: '1' });
        if (verdict.valid !== true) throw new Error(JSON.stringify(verdict));
      }
    };
    const callers = [onA, onB].flatMap((scenario) => Array.from({ length: LOAD_CALLERS }, () => caller(scenario)));
    const load = Promise.all(callers);
    try {
      return await Promise.race([work(), load.then(() => Promise.reject(new Error('the load ended first')))]);
    } finally {
      isOver = true;
      await load;
    }
  }

  it(
    'a token made on one is good on the other at once, and revoked on one is refused by the very next check of the other',
    async () => {
      const organization = await onA.organization();
      await underLoad(async () => {
        for (let round = 0; round < REVOCATIONS; round += 1) {
          const { writer, reader } = servers.turn(round);
          const { token, secret } = await writer.organizationToken(organization.uid);
          const before = await reader.verify(secret);
          expect({ round, ...before }).toMatchObject({ round, valid: true, tokenUid: token.uid });
          expectStatus(await writer.admin.post(`/v1/tokens/${token.uid}/revoke`, {}), 200);
          const after = await reader.verify(secret);
          expect({ round, ...after }).toMatchObject({ round, valid: false, code: 'revoked_token' });
        }
      });
    },
    TEST_MS,
  );

  it(
    'every one of many tokens that are made for one organization at once is made, on both',
    async () => {
      const organization = await onA.organization();
      for (let round = 0; round < 2; round += 1) {
        const made = [onA, onB].flatMap((scenario) =>
          Array.from({ length: CREATORS }, () => scenario.organizationToken(organization.uid)),
        );
        // Fails with the answer of the first one that is not 201.
        const uids = (await Promise.all(made)).map(({ token }) => token.uid as string);
        expect(new Set(uids).size).toBe(2 * CREATORS);
      }
    },
    TEST_MS,
  );

  it(
    'a revocation is refused by the next check of each, also where many checks are under way',
    async () => {
      const organization = await onA.organization();
      for (let round = 0; round < 40; round += 1) {
        const { writer, reader } = servers.turn(round);
        const { token, secret } = await writer.organizationToken(organization.uid);
        let isRevoked = false;
        const late: Loose[] = [];
        const check = async (scenario: Scenario) => {
          for (let checksAfter = 0; checksAfter < 3;) {
            const startedAfter = isRevoked;
            const verdict = await scenario.verify(secret);
            if (!startedAfter) continue;
            late.push(verdict);
            checksAfter += 1;
          }
        };
        const checks = [reader, reader, reader, writer].map(check);
        expectStatus(await writer.admin.post(`/v1/tokens/${token.uid}/revoke`, {}), 200);
        isRevoked = true;
        await Promise.all(checks);
        expect(late).toHaveLength(12);
        expect(late.filter(({ code }) => code !== 'revoked_token')).toEqual([]);
      }
    },
    TEST_MS,
  );

  it(
    'a membership that ends on one ends for the next check of the other',
    async () => {
      const organization = await onA.organization();
      await onA.grant(organization.uid, '1000000');
      const user = await onA.user();
      const { secret } = await onA.personalToken(user.uid);
      const use = { requester: organization.uid, cost: '1' };
      await underLoad(async () => {
        for (let round = 0; round < MEMBERSHIPS; round += 1) {
          const { writer, reader } = servers.turn(round);
          await writer.member(organization.uid, user.uid);
          expect({ round, ...(await reader.verify(secret, use)) }).toMatchObject({ round, valid: true });
          const path = `/v1/organizations/${organization.uid}/members/${user.uid}`;
          expectStatus(await writer.admin.delete(path), 204);
          const after = await reader.verify(secret, use);
          expect({ round, ...after }).toMatchObject({ round, valid: false, code: 'requester_not_allowed' });
        }
      });
      expect(await onB.balance(organization.uid)).toBe(String(1_000_000 - MEMBERSHIPS));
    },
    TEST_MS,
  );

  it(
    'a prepaid account that both charge at once never passes its limit, and its charges are numbered without a gap',
    async () => {
      const organization = await onA.organization();
      await onA.grant(organization.uid, '3000');
      expectStatus(await onA.admin.patch(`/v1/accounts/${organization.uid}`, { limit: '100' }), 200);
      const { secret } = await onA.organizationToken(organization.uid);
      const charged: string[] = [];
      const caller = async (scenario: Scenario) => {
        for (;;) {
          const verdict = await scenario.verify(secret, { cost: '7' });
          if (verdict.code === 'insufficient_credits') return;
          if (verdict.valid) charged.push(verdict.chargeId);
          else expect(verdict).toMatchObject({ code: 'verification_unavailable', status: 503 });
        }
      };
      await Promise.all([onA, onB].flatMap((scenario) => Array.from({ length: CALLERS }, () => caller(scenario))));

      const feed = await feedOf(organization.uid);
      expect(feed).toHaveLength(Math.floor((3000 + 100) / 7));
      expect(feed.map(({ sequence }) => Number(sequence))).toEqual(feed.map((_, index) => index + 1));
      expect(feed.map(({ data }) => data.balanceAfter)).toEqual(feed.map((_, index) => String(3000 - 7 * (index + 1))));
      expect(feed.map(({ id }) => id).sort()).toEqual([...charged].sort());
      for (const scenario of [onA, onB]) expect(await scenario.balance(organization.uid)).toBe('-94');
    },
    TEST_MS,
  );

  it(
    'one idempotency key used on both at once is one charge',
    async () => {
      const organization = await onA.organization();
      await onA.grant(organization.uid, '1000');
      const { secret } = await onA.organizationToken(organization.uid);
      for (let round = 0; round < 50; round += 1) {
        const use = { cost: '3', idempotencyKey: randomUUID() };
        const verdicts = await Promise.all([onA, onB, onA, onB].map((scenario) => scenario.verify(secret, use)));
        expect(verdicts.map(({ valid }) => valid)).toEqual([true, true, true, true]);
        expect(new Set(verdicts.map(({ chargeId }) => chargeId)).size).toBe(1);
        expect(verdicts.filter(({ replayed }) => replayed !== true)).toHaveLength(1);
        const direct = { amount: '2', operation: 'storage' };
        const key = { 'idempotency-key': randomUUID() };
        const charges = await Promise.all(
          [onA, onB].map(({ admin }) => admin.post(`/v1/accounts/${organization.uid}/charges`, direct, key)),
        );
        expect(new Set(charges.map((reply) => expectStatus(reply, 201).uid)).size).toBe(1);
      }
      expect(await onA.balance(organization.uid)).toBe(String(1000 - 50 * 5));
      expect(await feedOf(organization.uid)).toHaveLength(100);
    },
    TEST_MS,
  );

  it(
    'the key of a free use that one has recorded is a repeat on the other, at once',
    async () => {
      const organization = await onA.organization();
      await underLoad(async () => {
        const { secret } = await onA.organizationToken(organization.uid);
        for (let round = 0; round < FREE_KEYS; round += 1) {
          const { writer, reader } = servers.turn(round);
          const key = randomUUID();
          const first = await writer.verify(secret, { idempotencyKey: key });
          const again = await reader.verify(secret, { idempotencyKey: key });
          expect(again).toMatchObject({ valid: true, useId: first.useId, replayed: true });
        }
      });
    },
    TEST_MS,
  );

  itOnPostgresLog('no check asks PostgreSQL there')(
    'checks fail closed while PostgreSQL does not answer, and recover by themselves',
    async () => {
      const organization = await onA.organization();
      await onA.grant(organization.uid, '1000');
      const { secret } = await onA.organizationToken(organization.uid);
      const processes = [postmaster.pid, ...descendantsOf(postmaster.pid)];
      const check = ({ admin }: Scenario) =>
        admin.as(secret).call('GET', '/v1/authorize', { headers: { 'x-ledger-cost': '1' } });
      for (const scenario of [onA, onB]) expect((await check(scenario)).status).toBe(200);

      processes.forEach((pid) => process.kill(pid, 'SIGSTOP'));
      try {
        const refused = await Promise.all(
          [onA, onB].flatMap((scenario) => [
            check(scenario),
            check(scenario),
            scenario.admin.post('/v1/verify', { token: secret, cost: '1' }),
          ]),
        );
        for (const reply of refused) {
          expect({ status: reply.status, code: reply.body.code }).toEqual({
            status: 503,
            code: 'verification_unavailable',
          });
          expect(reply.headers.get('retry-after')).toMatch(/^[1-9][0-9]*$/);
        }
      } finally {
        processes.forEach((pid) => process.kill(pid, 'SIGCONT'));
      }
      for (const scenario of [onA, onB]) {
        await eventually(30_000, async () => ((await check(scenario)).status === 200 ? true : null));
      }
      const { balance } = expectStatus(await onA.admin.get(`/v1/accounts/${organization.uid}`), 200);
      expect(Number(balance)).toBe(1000 - (await feedOf(organization.uid)).length);
    },
    TEST_MS,
  );

  /** The whole feed of an organization, after both servers' writes are in the read models. */
  async function feedOf(organizationUid: string): Promise<Loose[]> {
    await eventually(60_000, async () => {
      const { data } = expectStatus(await onA.admin.get('/v1/projections'), 200);
      return data.every((projection: Loose) => projection.lagEvents === 0) ? true : null;
    });
    return expectStatus(await onA.admin.get(`/v1/organizations/${organizationUid}/charges?limit=1000`), 200);
  }
});
