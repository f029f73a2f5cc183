import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itOnPostgresLog } from './support/it-on-postgres-log.js';
import type { Reply } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';
import { storedEvents } from './support/stored-events.js';

describe('who pays: the requester of a use', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  it('I1: a personal token works on its owner and on every organization of the owner at call time', async () => {
    const user = await scenario.user();
    const [x, y] = [await scenario.organization('x'), await scenario.organization('y')];
    await scenario.member(x.uid, user.uid);
    const { secret } = await scenario.personalToken(user.uid);
    const use = { resource: 'deployment:of-the-owner' };
    const refused = { valid: false, status: 403, code: 'requester_not_allowed' };
    const own = { valid: true, payer: user.uid, principal: user.uid };
    expect(await scenario.verify(secret, use)).toMatchObject(own);
    expect(await scenario.verify(secret, { ...use, requester: y.uid })).toMatchObject(refused);
    await scenario.member(y.uid, user.uid);
    for (const organization of [x, y]) {
      expect(await scenario.verify(secret, { ...use, requester: organization.uid })).toMatchObject({
        valid: true,
        payer: organization.uid,
        principal: user.uid,
      });
    }

    expectStatus(await scenario.admin.delete(`/v1/organizations/${x.uid}/members/${user.uid}`), 204);
    expect(await scenario.verify(secret, { ...use, requester: x.uid })).toMatchObject(refused);
    expect(await scenario.verify(secret, { ...use, requester: y.uid })).toMatchObject({ valid: true, payer: y.uid });
    expect(await scenario.verify(secret, use)).toMatchObject(own);
    const ended = await scenario.entries(`action=MembershipEnded&organization=${x.uid}`);
    expect(ended).toHaveLength(1);
  });

  it('I9: the requester header charges that organization once and leaves the personal balance alone', async () => {
    for (const header of ['X-Requester-Uid', 'Instill-Requester-Uid']) {
      const user = await scenario.user();
      const organization = await scenario.organization();
      await scenario.member(organization.uid, user.uid);
      await scenario.grant(organization.uid, '100');
      await scenario.grant(user.uid, '100');
      const { token, secret } = await scenario.personalToken(user.uid);
      const reply = await ledger.client(secret).get('/v1/authorize', {
        headers: { [header]: organization.uid, 'x-ledger-cost': '3', 'idempotency-key': 'request-1' },
      });
      expectStatus(reply, 200);
      expect(reply.headers.get('charged-to')).toBe(organization.uid);
      expect(reply.headers.get('x-token-uid')).toBe(token.uid);
      expect(await scenario.balance(organization.uid)).toBe('97');
      expect(await scenario.balance(user.uid)).toBe('100');
      const feed = expectStatus(await scenario.admin.get(`/v1/organizations/${organization.uid}/charges`), 200);
      expect(feed).toHaveLength(1);
      expect(feed[0]).toMatchObject({ id: reply.headers.get('charge-id'), type: 'tokenledger.org.charged.v1' });
      expect(feed[0].data).toMatchObject({ amount: '3', tokenUid: token.uid, principal: user.uid });
      const entries = await scenario.entries(`action=OrgCharged&organization=${organization.uid}`);
      expect(entries).toHaveLength(1);
      expect(entries[0]).toMatchObject({
        actor: { type: 'user', uid: user.uid },
        target: { type: 'account', uid: organization.uid },
      });
    }
  });

  itOnPostgresLog('it reads the events in PostgreSQL')(
    'I9: OrgCharged holds organization, token, actor, amount and the hash of the idempotency key, which is not stored itself',
    async () => {
      const user = await scenario.user();
      const organization = await scenario.organization();
      await scenario.member(organization.uid, user.uid);
      await scenario.grant(organization.uid, '100');
      const { token, secret } = await scenario.personalToken(user.uid);
      const keys = [randomUUID(), randomUUID()];
      for (const key of keys) {
        const headers = { 'x-requester-uid': organization.uid, 'x-ledger-cost': '3', 'idempotency-key': key };
        expectStatus(await ledger.client(secret).get('/v1/authorize', { headers }), 200);
      }
      const stored = await storedEvents(ledger.dataDir);
      const charges = stored.filter(({ type, data }) => type === 'OrgCharged' && data.accountUid === organization.uid);
      expect(charges).toEqual(
        keys.map((key) =>
          expect.objectContaining({
            data: expect.objectContaining({
              accountUid: organization.uid,
              tokenUid: token.uid,
              principal: user.uid,
              amount: '3',
              idempotencyKeyHash: createHash('sha256').update(`${token.uid}\0${key}`).digest('hex'),
            }),
            metadata: expect.objectContaining({ actorType: 'user', actorUid: user.uid }),
          }),
        ),
      );
      for (const key of keys) expect(JSON.stringify(stored)).not.toContain(key);
    },
  );

  it('I10: without the header the personal credits pay, and no organization is chosen silently', async () => {
    const user = await scenario.user();
    const organization = await scenario.organization();
    await scenario.member(organization.uid, user.uid);
    await scenario.grant(organization.uid, '100');
    const { secret } = await scenario.personalToken(user.uid);
    expect(await scenario.verify(secret, { cost: '1' })).toMatchObject({
      valid: false,
      code: 'insufficient_credits',
      status: 402,
    });
    await scenario.grant(user.uid, '10');
    expect(await scenario.verify(secret, { cost: '4' })).toMatchObject({ payer: user.uid, charged: '4', balance: '6' });
    expect(await scenario.balance(organization.uid)).toBe('100');
  });

  it('I11: an unknown organization and one of others are refused alike; a malformed uid is 400', async () => {
    const user = await scenario.user();
    const foreign = await scenario.organization();
    await scenario.grant(foreign.uid, '100');
    const { secret } = await scenario.personalToken(user.uid);
    const unknown = `org_${'0'.repeat(26)}`;
    const refusals = await Promise.all(
      [foreign.uid, unknown].map((requester) => scenario.verify(secret, { requester, cost: '1' })),
    );
    expect(refusals[0]).toEqual(refusals[1]);
    expect(refusals[0]).toMatchObject({ valid: false, status: 403, code: 'requester_not_allowed' });
    expect(await scenario.balance(foreign.uid)).toBe('100');
    for (const requester of ['acme', user.uid, 'org_x', `${foreign.uid}0`]) {
      expect(await scenario.verify(secret, { requester })).toMatchObject({ status: 400, code: 'malformed_requester' });
    }
  });

  it('I11: to a gateway both refusals are the same, byte for byte', async () => {
    const user = await scenario.user();
    const foreign = await scenario.organization();
    await scenario.grant(foreign.uid, '100');
    const { secret } = await scenario.personalToken(user.uid);
    const ask = (requester: string) =>
      // With one id for both requests, nothing is left in which the answers may differ.
      ledger.client(secret).get('/v1/authorize', {
        headers: { 'x-requester-uid': requester, 'x-ledger-cost': '1', 'x-request-id': 'same' },
      });
    const [ofOthers, unknown] = [await ask(foreign.uid), await ask(`org_${'0'.repeat(26)}`)];
    expect(expectStatus(ofOthers, 403).code).toBe('requester_not_allowed');
    expect(expectStatus(unknown, 403)).toEqual(ofOthers.body);
    expect(unknown.text).toBe(ofOthers.text);
    expect(tellingHeaders(unknown)).toEqual(tellingHeaders(ofOthers));
    expect(await scenario.balance(foreign.uid)).toBe('100');
  });

  it("I11: an organization's token naming another organization is refused, never billed to its own", async () => {
    const [own, other] = [await scenario.organization(), await scenario.organization()];
    await scenario.grant(own.uid, '100');
    const { secret } = await scenario.organizationToken(own.uid);
    expect(await scenario.verify(secret, { requester: other.uid, cost: '1' })).toMatchObject({
      code: 'requester_not_allowed',
      status: 403,
    });
    expect(await scenario.verify(secret, { requester: own.uid, cost: '1' })).toMatchObject({
      payer: own.uid,
      balance: '99',
    });
    expect(await scenario.verify(secret, { cost: '1' })).toMatchObject({ payer: own.uid, balance: '98' });
  });

  it('B2: who leaves an organization loses it at once, while its own tokens go on; a disabled account loses all', async () => {
    const [leaver, stayer] = [await scenario.user('leaver'), await scenario.user('stayer')];
    const organization = await scenario.organization();
    for (const user of [leaver, stayer]) await scenario.member(organization.uid, user.uid, 'admin');
    const personal = [await scenario.personalToken(leaver.uid), await scenario.personalToken(leaver.uid)] as const;
    const created = await ledger.client(personal[0].secret).post('/v1/tokens', {
      type: 'organization',
      name: 'shared',
      owner: { organization: organization.uid },
      access: { endpoints: 'all' },
    });
    const shared = expectStatus(created, 201);
    const named = { requester: organization.uid };
    for (const { secret } of personal) expect(await scenario.verify(secret, named)).toMatchObject({ valid: true });
    expectStatus(await scenario.admin.delete(`/v1/organizations/${organization.uid}/members/${leaver.uid}`), 204);
    for (const { secret } of personal) {
      expect(await scenario.verify(secret, named)).toMatchObject({ status: 403, code: 'requester_not_allowed' });
      expect(await scenario.verify(secret)).toMatchObject({ valid: true, payer: leaver.uid });
    }
    expect(await scenario.verify(shared.secret)).toMatchObject({ valid: true, payer: organization.uid });

    const path = `/v1/tokens/${shared.token.uid}`;
    const asLeaver = ledger.client(personal[0].secret);
    expect((await asLeaver.patch(path, { name: 'mine' })).status).toBe(404);
    const asStayer = ledger.client((await scenario.personalToken(stayer.uid)).secret);
    expect(expectStatus(await asStayer.patch(path, { name: 'ours' }), 200)).toMatchObject({ name: 'ours' });
    expect(expectStatus(await asStayer.post(`${path}/revoke`, {}), 200)).toMatchObject({ status: 'revoked' });
    expect(await scenario.verify(shared.secret)).toMatchObject({ valid: false, code: 'revoked_token' });

    expectStatus(await scenario.admin.patch(`/v1/users/${leaver.uid}`, { status: 'disabled' }), 200);
    for (const { secret } of personal) {
      expect(await scenario.verify(secret)).toMatchObject({ valid: false, status: 401, code: 'owner_inactive' });
    }
  });

  /** Headers of an answer but for those that differ from one moment to the next. */
  function tellingHeaders({ headers }: Reply): [string, string][] {
    return [...headers].filter(([name]) => !['date', 'ledger-position'].includes(name));
  }
});
