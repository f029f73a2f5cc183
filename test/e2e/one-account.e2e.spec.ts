import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { expectStatus, type Scenario } from './support/scenario.js';
import { TwoServers } from './support/two-servers.js';

const TEST_MS = 240_000;
/** On each server. */
const CALLERS = 32;
/** Keys that all callers use at once. */
const KEYS = 10;

describe('one account on two servers of one database', () => {
  let servers: TwoServers;
  let onA: Scenario;
  let onB: Scenario;

  beforeAll(async () => {
    servers = await TwoServers.start();
    ({ onA, onB } = servers);
  }, TEST_MS);
  afterAll(() => servers?.dispose(), 60_000);

  it(
    'one idempotency key of many callers on both is one charge, with the same answer for all of them',
    async () => {
      const organization = await onA.organization();
      await onA.grant(organization.uid, '1000');
      const { secret } = await onA.organizationToken(organization.uid);
      const everywhere = [onA, onB].flatMap((scenario) => Array.from({ length: CALLERS }, () => scenario));
      for (let round = 0; round < KEYS; round += 1) {
        const use = { cost: '3', idempotencyKey: randomUUID() };
        const verdicts = await Promise.all(everywhere.map((scenario) => scenario.verify(secret, use)));
        const answers = verdicts.map(({ replayed: _replayed, ...answer }) => JSON.stringify(answer));
        expect(verdicts[0]).toMatchObject({ valid: true, charged: '3', balance: String(1000 - 5 * round - 3) });
        expect(new Set(answers).size).toBe(1);
        expect(verdicts.filter(({ replayed }) => replayed !== true)).toHaveLength(1);

        const direct = { amount: '2', operation: 'storage' };
        const key = { 'idempotency-key': randomUUID() };
        const charges = await Promise.all(
          everywhere.map(({ admin }) => admin.post(`/v1/accounts/${organization.uid}/charges`, direct, key)),
        );
        expect(new Set(charges.map((reply) => JSON.stringify(expectStatus(reply, 201)))).size).toBe(1);
      }
      for (const scenario of [onA, onB]) expect(await scenario.balance(organization.uid)).toBe(String(1000 - 5 * KEYS));
      const feed = await feedOf(organization.uid);
      expect(feed.map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: 2 * KEYS }, (_, n) => n + 1));
    },
    TEST_MS,
  );

  it(
    'random costs and grants of 64 callers on both never take a prepaid account below its limit',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 64, maxLength: 160 }),
          fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 }),
          fc.integer({ min: 0, max: 100 }),
          expectNeverBelow,
        ),
        { numRuns: 6 },
      );
    },
    TEST_MS,
  );

  async function expectNeverBelow(costs: number[], grants: number[], limit: number): Promise<void> {
    const organization = await onA.organization();
    expectStatus(await onA.admin.patch(`/v1/accounts/${organization.uid}`, { limit: String(limit) }), 200);
    const { secret } = await onA.organizationToken(organization.uid);
    const granting = grants.map((amount, index) => servers.turn(index).writer.grant(organization.uid, String(amount)));
    const uses = costs.map(async (cost, index) => {
      for (;;) {
        const verdict = await servers.turn(index).reader.verify(secret, { cost: String(cost) });
        if (verdict.code !== 'verification_unavailable') return verdict;
      }
    });
    await Promise.all(granting);
    const verdicts = await Promise.all(uses);
    const codes = new Set(verdicts.map(({ code }) => code));
    expect([...codes].filter((code) => code !== 'valid' && code !== 'insufficient_credits')).toEqual([]);

    const granted = grants.reduce((sum, amount) => sum + amount, 0);
    const spent = costs.reduce((sum, cost, index) => sum + (verdicts[index].valid ? cost : 0), 0);
    const feed = await feedOf(organization.uid);
    expect(feed.map(({ sequence }) => Number(sequence))).toEqual(feed.map((_, index) => index + 1));
    expect(feed.filter(({ data }) => Number(data.balanceAfter) < -limit)).toEqual([]);
    expect(feed.reduce((sum, { data }) => sum + Number(data.amount), 0)).toBe(spent);
    for (const scenario of [onA, onB]) expect(await scenario.balance(organization.uid)).toBe(String(granted - spent));
    expect(granted - spent).toBeGreaterThanOrEqual(-limit);
  }

  /** The whole feed of an organization, after both servers' writes are in the read models. */
  async function feedOf(organizationUid: string): Promise<Loose[]> {
    await eventually(60_000, async () => {
      const { data } = expectStatus(await onA.admin.get('/v1/projections'), 200);
      return data.every((projection: Loose) => projection.lagEvents === 0) ? true : null;
    });
    return expectStatus(await onA.admin.get(`/v1/organizations/${organizationUid}/charges?limit=1000`), 200);
  }
});
