import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MemberRole } from '#libs/contracts';
import { type BillingServer, startBillingServer } from './testing/billing-server.js';

let billing: BillingServer;
let acme: string;
let ada: string;
let callers: Record<
  'billing' | 'auditor' | 'orgAdmin' | 'orgBilling' | 'orgAuditor' | 'developer' | 'endpointUser' | 'stranger',
  string
>;

beforeAll(async () => {
  billing = await startBillingServer();
  acme = await billing.open('org');
  ada = billing.user();
  await billing.openAs(ada);
  const member = (role: MemberRole) => billing.user({ roles: { [acme]: role } });
  callers = {
    billing: billing.user({ instanceRoles: ['billing'] }),
    auditor: billing.user({ instanceRoles: ['auditor'] }),
    orgAdmin: member('admin'),
    orgBilling: member('billing'),
    orgAuditor: member('auditor'),
    developer: member('developer'),
    endpointUser: member('endpoint_user'),
    stranger: billing.user(),
  };
}, 120_000);

afterAll(() => billing.close(), 60_000);

const NOBODY = 'org_01JD0000000000000000000000';
const status = ({ statusCode, body }: { statusCode: number; body: string }) =>
  body === '' ? [statusCode] : [statusCode, JSON.parse(body).code];
const grant = (account: string, change: object = {}, caller = 'installation') =>
  billing.post(caller, `/v1/accounts/${account}/grants`, { amount: '10', kind: 'paid', reason: 'invoice', ...change });
const account = async (uid: string, caller = 'installation') =>
  (await billing.call(caller, 'GET', `/v1/accounts/${uid}`)).json<Record<string, unknown>>();

describe('GET /v1/accounts/{uid}', () => {
  it('200: shows balance and terms of a new account', async () => {
    expect(await account(acme)).toEqual({
      account: acme,
      unit: 'CREDIT',
      balance: '0',
      held: '0',
      mode: 'prepaid',
      limit: '0',
      position: expect.stringMatching(/^[1-9]\d*$/),
    });
  });

  it('200: for the roles of the instance, for the admins, billing and auditors of the organization, and its own tokens', async () => {
    const { billing: instanceBilling, auditor, orgAdmin, orgBilling, orgAuditor } = callers;
    for (const caller of ['installation', instanceBilling, auditor, orgAdmin, orgBilling, orgAuditor, acme]) {
      expect((await account(acme, caller))['account']).toBe(acme);
    }
    expect((await account(ada, ada))['account']).toBe(ada);
  });

  it('200: follows the clock: credits come and go at their instants, by nobody doing anything', async () => {
    const uid = await billing.open('org');
    await grant(uid, { expiresAt: '2026-11-25T10:00:00Z' });
    await grant(uid, { amount: '5', effectiveAt: '2026-11-25T09:00:00+00:00' });
    const balances: unknown[] = [];
    for (let hour = 0; hour < 3; hour += 1) {
      balances.push((await account(uid))['balance']);
      billing.clock.advance(3_600_000);
    }
    billing.clock.advance(-3 * 3_600_000);
    expect(balances).toEqual(['10', '15', '5']);
  });

  it('404: alike for what does not exist, what may not be seen, and what is no account', async () => {
    const { stranger } = callers;
    const answers = await Promise.all([
      billing.call('installation', 'GET', `/v1/accounts/${NOBODY}`),
      billing.call(stranger, 'GET', `/v1/accounts/${acme}`),
      billing.call(stranger, 'GET', `/v1/accounts/${ada}`),
      billing.call('installation', 'GET', '/v1/accounts/acme'),
      billing.call('installation', 'GET', '/v1/accounts/chg_01JD0000000000000000000000'),
    ]);
    for (const answer of answers) expect(status(answer)).toEqual([404, 'not_found']);
    const texts = answers.map((answer) => answer.json<{ detail: string }>().detail);
    expect(new Set(texts).size).toBe(1);
  });

  it('B6: 403 for the developers and endpoint users of the organization, who know of it and have no billing rights', async () => {
    for (const caller of [callers.developer, callers.endpointUser]) {
      expect(status(await billing.call(caller, 'GET', `/v1/accounts/${acme}`))).toEqual([403, 'permission_denied']);
    }
  });

  it('403: with a token that has another scope only', async () => {
    const uid = billing.user({ scopes: ['tokens:*'] });
    expect(status(await billing.call(uid, 'GET', `/v1/accounts/${uid}`))).toEqual([403, 'insufficient_scope']);
  });
});

describe('PATCH /v1/accounts/{uid}', () => {
  const patch = (uid: string, body: object, caller = 'installation') =>
    billing.call(caller, 'PATCH', `/v1/accounts/${uid}`, { body });

  it('200: changes limit and mode, each bringing the other along as described', async () => {
    const uid = await billing.open('org');
    for (const [body, mode, limit] of [
      [{ limit: '7' }, 'prepaid', '7'],
      [{ mode: 'postpaid' }, 'postpaid', null],
      [{ limit: '500' }, 'postpaid', '500'],
      [{ mode: 'prepaid' }, 'prepaid', '0'],
      [{ mode: 'postpaid', limit: '9' }, 'postpaid', '9'],
      [{ limit: null }, 'postpaid', null],
    ] as const) {
      const answer = await patch(uid, body);
      expect(answer.json()).toMatchObject({ account: uid, mode, limit, balance: '0', held: '0' });
      expect(answer.headers['ledger-position']).toBe(answer.json<{ position: string }>().position);
      expect(await account(uid)).toEqual(answer.json());
    }
    expect((await billing.stream(uid)).filter(({ type }) => type === 'AccountModeChanged')).toHaveLength(6);
  });

  it('200: appends nothing when nothing differs, and says where a read shows the account so', async () => {
    const uid = await billing.open('org');
    const { position } = (await patch(uid, { limit: '7' })).json<{ position: string }>();
    for (const body of [{}, { mode: 'prepaid' }, { limit: '7' }]) {
      const answer = await patch(uid, body, callers.billing);
      expect([answer.statusCode, answer.headers['ledger-position']]).toEqual([200, position]);
      const headers = { 'ledger-min-position': position };
      const read = await billing.call('installation', 'GET', `/v1/accounts/${uid}`, { headers });
      expect(read.json()).toEqual(answer.json());
    }
    expect(await billing.stream(uid)).toHaveLength(2);
  });

  it.each([
    [{ limit: 7 }, 'validation_failed', 'limit'],
    [{ limit: '-1' }, 'validation_failed', 'limit'],
    [{ limit: '007' }, 'validation_failed', 'limit'],
    [{ mode: 'free' }, 'validation_failed', 'mode'],
    [{ mode: null }, 'validation_failed', 'mode'],
    [{ balance: '5' }, 'unknown_field', 'balance'],
  ])('400: %p', async (body, code, field) => {
    const answer = await patch(acme, body);
    expect(status(answer)).toEqual([400, code]);
    expect(answer.json<{ errors: object[] }>().errors).toMatchObject([{ field, code }]);
  });

  it('403 for who may know of the account and not change it, 404 for who may not know of it', async () => {
    const { auditor, orgAdmin, orgBilling, orgAuditor, developer, stranger } = callers;
    for (const caller of [auditor, orgAdmin, orgBilling, orgAuditor, developer]) {
      expect(status(await patch(acme, { limit: null }, caller))).toEqual([403, 'permission_denied']);
    }
    expect(status(await patch(ada, { limit: null }, ada))).toEqual([403, 'permission_denied']);
    expect(status(await patch(acme, { limit: null }, stranger))).toEqual([404, 'not_found']);
    expect(status(await patch(NOBODY, { limit: null }))).toEqual([404, 'not_found']);
  });
});

describe('POST /v1/accounts/{uid}/grants', () => {
  it('201: grants from now on, for ever, and says so', async () => {
    const uid = await billing.open('usr');
    const answer = await grant(uid, { amount: '100', reason: 'invoice 17' }, callers.billing);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['ledger-position']).toMatch(/^[1-9]\d*$/);
    expect(answer.json()).toEqual({
      uid: expect.stringMatching(/^grt_[0-9A-Z]{26}$/),
      account: uid,
      amount: '100',
      kind: 'paid',
      effectiveAt: '2026-11-25T08:00:00.000Z',
      expiresAt: null,
      priority: 50,
      reason: 'invoice 17',
      balanceAfter: '100',
    });
    expect((await billing.stream(uid)).at(-1)?.metadata).toMatchObject({
      actorUid: callers.billing,
      actorType: 'user',
    });
  });

  it('201: takes instants with an offset and bare dates', async () => {
    const uid = await billing.open('org');
    const answer = await grant(uid, { effectiveAt: '2026-12-01', expiresAt: '2027-01-01T01:00:00+01:00', priority: 0 });
    expect(answer.json()).toMatchObject({
      effectiveAt: '2026-12-01T00:00:00.000Z',
      expiresAt: '2027-01-01T00:00:00.000Z',
      priority: 0,
      balanceAfter: '0',
    });
  });

  it.each([
    [{ amount: 10 }, 'validation_failed', 'amount'],
    [{ amount: '0' }, 'validation_failed', 'amount'],
    [{ amount: '1e3' }, 'validation_failed', 'amount'],
    [{ amount: '1000000000000000' }, 'validation_failed', 'amount'],
    [{ kind: 'gift' }, 'validation_failed', 'kind'],
    [{ reason: ' ' }, 'validation_failed', 'reason'],
    [{ reason: undefined }, 'validation_failed', 'reason'],
    [{ priority: 101 }, 'validation_failed', 'priority'],
    [{ priority: '5' }, 'validation_failed', 'priority'],
    [{ expiresAt: 'tomorrow' }, 'validation_failed', 'expiresAt'],
    [{ expiresAt: '2026-02-30' }, 'validation_failed', 'expiresAt'],
    [{ expiresAt: '9999-12-31T23:59:59-12:00' }, 'validation_failed', 'expiresAt'],
    [{ expiresAt: '2026-11-25T08:00:00Z' }, 'expiry_in_past', 'expiresAt'],
    [{ effectiveAt: '2026-12-02', expiresAt: '2026-12-01' }, 'validation_failed', 'expiresAt'],
    [{ note: 'x' }, 'unknown_field', 'note'],
  ])('400: %p', async (change, code, field) => {
    const answer = await grant(acme, change);
    expect(status(answer)).toEqual([400, code]);
    expect(answer.json<{ errors: object[] }>().errors).toContainEqual(expect.objectContaining({ field, code }));
  });

  it('400: demands an idempotency key', async () => {
    const body = { amount: '1', kind: 'paid', reason: 'x' };
    const answer = await billing.call('installation', 'POST', `/v1/accounts/${acme}/grants`, { body });
    expect(status(answer)).toEqual([400, 'idempotency_key_required']);
  });

  it('403 and 404 like every change of an account', async () => {
    expect(status(await grant(acme, {}, callers.orgAdmin))).toEqual([403, 'permission_denied']);
    expect(status(await grant(ada, {}, ada))).toEqual([403, 'permission_denied']);
    expect(status(await grant(acme, {}, callers.stranger))).toEqual([404, 'not_found']);
    expect(status(await grant(NOBODY))).toEqual([404, 'not_found']);
  });
});
