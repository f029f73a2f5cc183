import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Loose, type Reply } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

/** The names of the contract, in its order. */
const DATA = [
  ...['chargeId', 'chargeNumber', 'kind', 'useId', 'payer', 'organization', 'principal', 'tokenUid', 'tokenPrefix'],
  ...['operation', 'quantity', 'quantityUnit', 'amount', 'scale', 'unit', 'price', 'allocations', 'holdId', 'reverses'],
  ...['reason', 'balanceAfter', 'period', 'servicePeriod', 'labels'],
];

describe('events of charges', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  /** Uid of the token that the scenario calls with. */
  let caller: string;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
    caller = expectStatus(await scenario.admin.get('/v1/me'), 200).token.uid;
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  const post = (path: string, body: object): Promise<Reply> =>
    scenario.admin.post(path, body, { 'idempotency-key': randomUUID() });
  const feedOf = async (uid: string): Promise<Loose[]> =>
    expectStatus(await scenario.admin.get(`/v1/accounts/${uid}/charges`), 200);

  it('E5: a use, a direct charge and a reversal have the fields of the contract, and say who authorized them', async () => {
    const organization = await scenario.organization();
    const { uid: grantId } = await scenario.grant(organization.uid, '100');
    const { token, secret } = await scenario.organizationToken(organization.uid);
    const { useId, chargeId } = await scenario.verify(secret, { cost: '3', operation: 'pipeline.run' });
    const direct = { amount: '5', operation: 'storage', quantity: '2', reason: 'monthly', tokenUid: token.uid };
    expectStatus(await post(`/v1/accounts/${organization.uid}/charges`, direct), 201);
    expectStatus(await post(`/v1/charges/${chargeId}/reversals`, { reason: 'mistake' }), 201);

    const events = await feedOf(organization.uid);
    for (const { data } of events) expect(Object.keys(data)).toEqual(DATA);
    const named = { payer: organization.uid, tokenUid: token.uid, tokenPrefix: token.prefix };
    expect(events).toMatchObject([
      { authtype: 'api_key', authid: token.uid, causationid: useId, data: { ...named, kind: 'charge', useId } },
      { authtype: 'api_key', authid: caller, data: { ...named, kind: 'charge', useId: null, quantity: '2' } },
      {
        authtype: 'api_key',
        authid: caller,
        causationid: chargeId,
        data: { ...named, kind: 'reversal', amount: '-3' },
      },
    ]);
    const amounts = ['3', '5', '3'];
    expect(events.map(({ data }) => data.allocations)).toEqual(amounts.map((amount) => [{ grantId, amount }]));
  });

  it('E5: personal credits have events of the same shape', async () => {
    const user = await scenario.user();
    const { uid: grantId } = await scenario.grant(user.uid, '10');
    const { token, secret } = await scenario.personalToken(user.uid);
    await scenario.verify(secret, { cost: '4' });
    const [event] = await feedOf(user.uid);
    expect(Object.keys(event.data)).toEqual(DATA);
    expect(event).toMatchObject({ type: 'tokenledger.user.charged.v1', subject: user.uid, authid: token.uid });
    expect(event.data).toMatchObject({
      organization: null,
      principal: user.uid,
      allocations: [{ grantId, amount: '4' }],
    });
  });

  it('a direct charge names a token that its account pays for; any other is 400, and nothing is charged', async () => {
    const [organization, other] = [await scenario.organization(), await scenario.organization()];
    await scenario.grant(organization.uid, '100');
    const { token: foreign } = await scenario.organizationToken(other.uid);
    for (const tokenUid of [foreign.uid, caller, 'tok_00000000000000000000000000']) {
      const body = { amount: '5', operation: 'storage', tokenUid };
      const { code, errors } = expectStatus(await post(`/v1/accounts/${organization.uid}/charges`, body), 400);
      expect([code, errors]).toMatchObject(['validation_failed', [{ field: 'tokenUid' }]]);
    }
    const member = await scenario.user();
    await scenario.member(organization.uid, member.uid);
    const { token } = await scenario.personalToken(member.uid);
    const body = { amount: '5', operation: 'storage', tokenUid: token.uid };
    expectStatus(await post(`/v1/accounts/${organization.uid}/charges`, body), 201);
    expect(await scenario.balance(organization.uid)).toBe('95');
  });

  it('E5: a feed comes in the form that the client prefers', async () => {
    const organization = await scenario.organization();
    const batch = 'application/cloudevents-batch+json';
    for (const [accept, type] of [
      [`application/x-ndjson;q=0.5, ${batch}`, batch],
      [`${batch};q=0.5, application/x-ndjson`, 'application/x-ndjson'],
      ['application/ndjson', 'application/ndjson'],
    ] as const) {
      const reply = await scenario.admin.get(`/v1/accounts/${organization.uid}/charges`, { headers: { accept } });
      expect([reply.status, reply.headers.get('content-type')]).toEqual([200, type]);
      expect(reply.headers.get('vary')?.toLowerCase().split(/, */)).toContain('accept');
    }
  });

  it('a change of an account that changes nothing answers a position that a read may wait for', async () => {
    const organization = await scenario.organization();
    const path = `/v1/accounts/${organization.uid}`;
    for (const body of [{}, { limit: '0' }]) {
      const reply = await scenario.admin.patch(path, body);
      const position = reply.headers.get('ledger-position') ?? '';
      expect(position).toBe(expectStatus(reply, 200).position);
      expectStatus(await scenario.admin.get(path, { headers: { 'ledger-min-position': position } }), 200);
    }
  });

  it('B6: developers see their organization and are told that they have no billing rights in it', async () => {
    const [organization, other] = [await scenario.organization(), await scenario.organization()];
    const user = await scenario.user();
    await scenario.member(organization.uid, user.uid, 'developer');
    const developer = ledger.client((await scenario.personalToken(user.uid)).secret);
    expectStatus(await developer.get(`/v1/organizations/${organization.uid}`), 200);
    for (const path of ['/v1/accounts/ORG', '/v1/accounts/ORG/charges', '/v1/organizations/ORG/charges']) {
      const reply = await developer.get(path.replace('ORG', organization.uid));
      expect(expectStatus(reply, 403).code).toBe('permission_denied');
      expect(expectStatus(await developer.get(path.replace('ORG', other.uid)), 404).code).toBe('not_found');
    }
  });
});
