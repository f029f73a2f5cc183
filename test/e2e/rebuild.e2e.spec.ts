import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

describe('read models follow from the events', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  it('E1: every read model that is dropped and filled again gives byte-identical listings, audit rows, feeds and balances', async () => {
    const [organization, user] = [await scenario.organization(), await scenario.user()];
    await scenario.member(organization.uid, user.uid);
    await scenario.grant(organization.uid, '1000');
    const kept = await scenario.personalToken(user.uid, { name: 'kept' });
    const revoked = await scenario.organizationToken(organization.uid, { name: 'revoked' });
    for (let use = 0; use < 20; use += 1) {
      await scenario.verify(kept.secret, { requester: organization.uid, cost: '3', ip: '203.0.113.7' });
      await scenario.verify(revoked.secret, { cost: use % 2 === 0 ? '1' : '0', scope: 'models:invoke' });
    }
    expectStatus(await scenario.admin.post(`/v1/tokens/${revoked.token.uid}/revoke`, { reason: 'done' }), 200);
    await scenario.verify(revoked.secret);

    const actions = expectStatus(await scenario.admin.get('/v1/audit/entries?limit=1000'), 200).data.map(
      (entry: Loose) => entry.action,
    );
    for (const action of ['TokenCreated', 'TokenUsed', 'TokenRevoked', 'OrgCharged']) expect(actions).toContain(action);

    const upTo = expectStatus(await scenario.admin.get('/v1/audit/entries?limit=1'), 200).data[0].position;
    const before = await everything(organization.uid, user.uid, kept.token.uid, upTo);
    const { data } = expectStatus(await scenario.admin.get('/v1/projections'), 200);
    expect(data.length).toBeGreaterThanOrEqual(8);
    for (const { name } of data) {
      // The one before may still be letting go of its lock.
      await eventually(30_000, async () => {
        const reply = await scenario.admin.post(`/v1/projections/${name}/rebuild`, {});
        return reply.status === 409 ? null : expectStatus(reply, 202);
      });
      await eventually(30_000, async () => {
        const projections = expectStatus(await scenario.admin.get('/v1/projections'), 200).data;
        return projections.every((item: Loose) => item.rebuildingPosition === null && item.lagEvents === 0)
          ? true
          : null;
      });
    }
    expect(await everything(organization.uid, user.uid, kept.token.uid, upTo)).toEqual(before);
  }, 180_000);

  /** What people and billing systems see, as the text that was sent. */
  async function everything(organization: string, user: string, token: string, upTo: string): Promise<string[]> {
    const paths = [
      '/v1/tokens?limit=1000&sort=name',
      `/v1/tokens/${token}/usage?by=hour`,
      `/v1/tokens/${token}/usage?by=day`,
      `/v1/organizations/${organization}`,
      `/v1/organizations/${organization}/members`,
      `/v1/users/${user}`,
      '/v1/settings',
      `/v1/organizations/${organization}/charges?limit=1000`,
      '/v1/charges?limit=1000',
    ];
    const texts = await Promise.all(paths.map(async (path) => (await scenario.admin.get(path)).text));
    const account = expectStatus(await scenario.admin.get(`/v1/accounts/${organization}`), 200);
    const entries = expectStatus(await scenario.admin.get('/v1/audit/entries?limit=1000&order=asc'), 200).data;
    const audited = entries.filter((entry: Loose) => BigInt(entry.position) <= BigInt(upTo));
    return [...texts, account.balance, JSON.stringify(audited)].map(withoutOwnSightings);
  }

  /** The bootstrap token's own last use moves with every minute of the test. */
  function withoutOwnSightings(text: string): string {
    return text.replace(/\{"uid":"tok_[0-9A-Z]+","handle":"bootstrap".*?"metadata":\{\}\}/, '');
  }
});
