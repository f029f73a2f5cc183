import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BillingServer, startBillingServer } from './testing/billing-server.js';
import { expectSound } from './testing/sound-account.js';

let billing: BillingServer;
let acme: string;
let orgAdmin: string;
let stranger: string;

beforeAll(async () => {
  billing = await startBillingServer();
  acme = await billing.open('org');
  orgAdmin = billing.user({ roles: { [acme]: 'admin' } });
  stranger = billing.user();
}, 120_000);

afterAll(() => billing.close(), 60_000);

const NOBODY = 'org_01JD0000000000000000000000';
const status = ({ statusCode, body }: { statusCode: number; body: string }) =>
  body === '' ? [statusCode] : [statusCode, JSON.parse(body).code];
const grant = (account: string, amount: string, change: object = {}) =>
  billing.post('installation', `/v1/accounts/${account}/grants`, { amount, kind: 'paid', reason: 'x', ...change });
const charge = (account: string, change: object = {}, options: { caller?: string; key?: string } = {}) => {
  const body = { amount: '3', operation: 'storage', ...change };
  return billing.post(options.caller ?? 'installation', `/v1/accounts/${account}/charges`, body, options.key);
};
const reverse = (uid: string, change: object = {}, options: { caller?: string; key?: string } = {}) => {
  const body = { reason: 'mistake', ...change };
  return billing.post(options.caller ?? 'installation', `/v1/charges/${uid}/reversals`, body, options.key);
};
const balanceOf = async (account: string) =>
  (await billing.call('installation', 'GET', `/v1/accounts/${account}`)).json<{ balance: string }>().balance;
const charged = async (account: string, amount: string) =>
  (await charge(account, { amount })).json<{ uid: string; chargeNumber: string; balanceAfter: string }>();

describe('POST /v1/accounts/{uid}/charges', () => {
  it('201: charges, numbers, and shows the balance that it leaves', async () => {
    const uid = await billing.open('org');
    await grant(uid, '10');
    const tokenUid = await billing.token({ type: 'organization', uid });
    const answer = await charge(uid, { quantity: '2', reason: 'monthly', tokenUid });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({
      uid: expect.stringMatching(/^chg_[0-9A-Z]{26}$/),
      chargeNumber: '1',
      account: uid,
      amount: '3',
      balanceAfter: '7',
    });
    expect((await billing.stream(uid)).at(-1)).toMatchObject({
      type: 'OrgCharged',
      data: {
        kind: 'direct',
        useId: null,
        quantity: '2',
        reason: 'monthly',
        tokenUid,
        tokenPrefix: 'tlp_01234567',
      },
      metadata: { actorType: 'token', occurredAt: '2026-11-25T08:00:00.000Z', schemaVersion: '1' },
    });
    expect(await balanceOf(uid)).toBe('7');
  });

  it('201: the same key gives the same answer and no second charge', async () => {
    const uid = await billing.open('org');
    await grant(uid, '10');
    const first = await charge(uid, {}, { key: 'charge-1' });
    const again = await charge(uid, {}, { key: 'charge-1' });
    expect([again.statusCode, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(status(await charge(uid, { amount: '4' }, { key: 'charge-1' }))).toEqual([422, 'idempotency_key_reused']);
    expect(await balanceOf(uid)).toBe('7');
  });

  it('201: the same answer also when the first one was lost before it was kept: the account remembers the key', async () => {
    const uid = await billing.open('org', null);
    const keepAnswer = billing.keys.keepAnswer.bind(billing.keys);
    billing.keys.keepAnswer = () => Promise.reject(new Error('the store is away'));
    const first = await charge(uid, {}, { key: 'lost' });
    billing.keys.keepAnswer = keepAnswer;
    // Long enough for nobody to be working on it any more.
    billing.clock.advance(60_000);
    const again = await charge(uid, {}, { key: 'lost' });
    billing.clock.advance(-60_000);
    expect([again.statusCode, again.body]).toEqual([201, first.body]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(expectSound(await billing.stream(uid), uid).chargeNumber).toBe(1n);
  });

  it('201: 40 charges at once under 8 keys are 8 charges', async () => {
    const uid = await billing.open('org', null);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => charge(uid, {}, { key: `many-${index % 8}` })),
    );
    expect(new Set(answers.map(({ body }) => body)).size).toBe(8);
    expect(expectSound(await billing.stream(uid), uid).chargeNumber).toBe(8n);
  });

  it('402: what the account does not cover, and the key stays free', async () => {
    const uid = await billing.open('org');
    await grant(uid, '2');
    expect(status(await charge(uid, {}, { key: 'poor' }))).toEqual([402, 'insufficient_credits']);
    await grant(uid, '1');
    expect((await charge(uid, {}, { key: 'poor' })).statusCode).toBe(201);
    expect(await balanceOf(uid)).toBe('0');
  });

  it.each([
    [{ amount: 3 }, 'validation_failed', 'amount'],
    [{ amount: '0' }, 'validation_failed', 'amount'],
    [{ amount: '-3' }, 'validation_failed', 'amount'],
    [{ operation: '' }, 'validation_failed', 'operation'],
    [{ operation: undefined }, 'validation_failed', 'operation'],
    [{ quantity: 2 }, 'validation_failed', 'quantity'],
    [{ reason: null }, 'validation_failed', 'reason'],
    [{ tokenUid: 'tok_1' }, 'validation_failed', 'tokenUid'],
    [{ useId: 'use_1' }, 'unknown_field', 'useId'],
  ])('400: %p', async (change, code, field) => {
    const answer = await charge(acme, change);
    expect(status(answer)).toEqual([400, code]);
    expect(answer.json<{ errors: object[] }>().errors).toContainEqual(expect.objectContaining({ field, code }));
  });

  it('400: alike for a token that there is not, and one that the account never pays for; the key stays free', async () => {
    const uid = await billing.open('org', null);
    const unknown = 'tok_01JD00000000000000000000TK';
    const foreign = await billing.token({ type: 'organization', uid: acme });
    const answers = [
      await charge(uid, { tokenUid: unknown }, { key: 'token' }),
      await charge(uid, { tokenUid: foreign }, { key: 'token' }),
    ];
    for (const answer of answers) {
      expect(status(answer)).toEqual([400, 'validation_failed']);
      expect(answer.json<{ errors: object[] }>().errors).toMatchObject([{ field: 'tokenUid' }]);
    }
    const texts = answers.map((answer) => answer.json<{ detail: string }>().detail);
    expect(new Set(texts).size).toBe(1);
    expect((await charge(uid, {}, { key: 'token' })).json()).toMatchObject({ chargeNumber: '1' });
    expect(status(await charge(NOBODY, { tokenUid: unknown }))).toEqual([404, 'not_found']);
  });

  it('400: demands an idempotency key', async () => {
    const answer = await billing.call('installation', 'POST', `/v1/accounts/${acme}/charges`, {
      body: { amount: '1' },
    });
    expect(status(answer)).toEqual([400, 'idempotency_key_required']);
  });

  it('403 and 404 like every change of an account', async () => {
    expect(status(await charge(acme, {}, { caller: orgAdmin }))).toEqual([403, 'permission_denied']);
    expect(status(await charge(acme, {}, { caller: stranger }))).toEqual([404, 'not_found']);
    expect(status(await charge(NOBODY))).toEqual([404, 'not_found']);
  });
});

describe('POST /v1/charges/{uid}/reversals', () => {
  it('201: takes back all of a charge, or a part and then the rest, and the credits count again', async () => {
    const uid = await billing.open('org');
    await grant(uid, '10');
    const [one, two] = [await charged(uid, '4'), await charged(uid, '5')];
    const whole = await reverse(one.uid);
    expect(whole.statusCode).toBe(201);
    expect(whole.json()).toEqual({
      uid: expect.stringMatching(/^chg_/),
      chargeNumber: '3',
      account: uid,
      amount: '-4',
      balanceAfter: '5',
    });
    expect((await reverse(two.uid, { amount: '2' })).json()).toMatchObject({ amount: '-2', balanceAfter: '7' });
    expect((await reverse(two.uid)).json()).toMatchObject({ chargeNumber: '5', amount: '-3', balanceAfter: '10' });
    expect(await balanceOf(uid)).toBe('10');
  });

  it('201: gives credits back to a grant that was used up, and loses those of one that has ended', async () => {
    const uid = await billing.open('org');
    await grant(uid, '10', { expiresAt: '2026-11-26' });
    await grant(uid, '10');
    const { uid: chargeUid } = await charged(uid, '20');
    billing.clock.advance(86_400_000);
    expect((await reverse(chargeUid)).json()).toMatchObject({ amount: '-20', balanceAfter: '10' });
    billing.clock.advance(-86_400_000);
    expectSound(await billing.stream(uid), uid);
  });

  it('201: the same key gives the same answer and no second reversal', async () => {
    const uid = await billing.open('org');
    await grant(uid, '10');
    const { uid: chargeUid } = await charged(uid, '6');
    const first = await reverse(chargeUid, { amount: '2' }, { key: 'reversal-1' });
    expect((await reverse(chargeUid, { amount: '2' }, { key: 'reversal-1' })).body).toBe(first.body);
    expect(await balanceOf(uid)).toBe('6');
  });

  it('201: of 20 at once no more is taken back than was charged', async () => {
    const uid = await billing.open('org', null);
    const { uid: chargeUid } = await charged(uid, '10');
    const answers = await Promise.all(Array.from({ length: 20 }, () => reverse(chargeUid, { amount: '3' })));
    const codes = answers.map(({ statusCode }) => statusCode);
    expect(codes.filter((code) => code === 201)).toHaveLength(3);
    expect(codes.filter((code) => code === 409)).toHaveLength(17);
    expect((await reverse(chargeUid)).json()).toMatchObject({ amount: '-1', balanceAfter: '0' });
    expectSound(await billing.stream(uid), uid);
  });

  it('201: finds a charge that the read model has not reached', async () => {
    const uid = await billing.open('org', null);
    const { engine } = billing.database;
    await engine.stop();
    const { uid: chargeUid } = await charged(uid, '10');
    const reversing = reverse(chargeUid);
    await engine.start();
    expect((await reversing).json()).toMatchObject({ amount: '-10', balanceAfter: '0' });
  });

  it('503: when the read model is too far behind to tell whether there is such a charge', async () => {
    const uid = await billing.open('org', null);
    const { engine } = billing.database;
    await engine.stop();
    const { uid: chargeUid } = await charged(uid, '10');
    const answer = await reverse(chargeUid);
    expect([...status(answer), answer.headers['retry-after']]).toEqual([503, 'not_ready', '1']);
    await engine.start();
  });

  it('409: more than is left of the charge, and a reversal itself', async () => {
    const uid = await billing.open('org', null);
    const { uid: chargeUid } = await charged(uid, '10');
    expect(status(await reverse(chargeUid, { amount: '11' }))).toEqual([409, 'already_reversed']);
    const { uid: reversalUid } = (await reverse(chargeUid)).json<{ uid: string }>();
    expect(status(await reverse(chargeUid))).toEqual([409, 'already_reversed']);
    expect(status(await reverse(reversalUid))).toEqual([409, 'already_reversed']);
  });

  it.each([
    [{ amount: 3 }, 'validation_failed', 'amount'],
    [{ amount: '0' }, 'validation_failed', 'amount'],
    [{ reason: undefined }, 'validation_failed', 'reason'],
    [{ account: 'x' }, 'unknown_field', 'account'],
  ])('400: %p', async (change, code, field) => {
    const uid = await billing.open('org', null);
    const answer = await reverse((await charged(uid, '10')).uid, change);
    expect(status(answer)).toEqual([400, code]);
    expect(answer.json<{ errors: object[] }>().errors).toContainEqual(expect.objectContaining({ field, code }));
  });

  it('403 for who may see the account, 404 for who may not, and for what is no charge', async () => {
    const developer = billing.user({ roles: { [acme]: 'developer' } });
    await grant(acme, '10');
    const { uid: chargeUid } = await charged(acme, '1');
    const grantUid = (await grant(acme, '1')).json<{ uid: string }>().uid;
    expect(status(await reverse(chargeUid, {}, { caller: orgAdmin }))).toEqual([403, 'permission_denied']);
    for (const caller of [developer, stranger]) {
      expect(status(await reverse(chargeUid, {}, { caller }))).toEqual([404, 'not_found']);
    }
    for (const uid of ['chg_01JD0000000000000000000000', grantUid, 'nothing']) {
      expect(status(await reverse(uid))).toEqual([404, 'not_found']);
    }
  });
});
