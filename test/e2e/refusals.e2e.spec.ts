import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock, toInstant } from '#libs/kernel';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

const BARE = 'Bearer realm="token-ledger"';

describe('refusals, by POST /v1/verify and by ANY /v1/authorize', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  beforeAll(async () => {
    // A test can then name the address that it calls from, and find what it alone has caused.
    ledger = await LedgerProcess.start({ env: { TOKEN_LEDGER_TRUSTED_PROXIES: '127.0.0.1' } });
    scenario = new Scenario(ledger.client());
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  const withChangedEnd = (secret: string) => secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');

  it('P9: no credentials, a malformed one, a typing error and a wrong scheme are told apart', async () => {
    const { secret } = await scenario.personalToken((await scenario.user()).uid);
    const anonymous = ledger.client(null);
    const none = await anonymous.get('/v1/authorize');
    expect(expectStatus(none, 401).code).toBe('missing_token');
    expect(none.headers.get('www-authenticate')).toBe(BARE);
    expect(expectStatus(await scenario.admin.post('/v1/verify', {}), 200)).toMatchObject({
      valid: false,
      code: 'missing_token',
      status: 401,
      wwwAuthenticate: BARE,
    });

    const basic = await anonymous.get('/v1/authorize', { headers: { authorization: 'Basic YTpi' } });
    expect(expectStatus(basic, 401).code).toBe('wrong_scheme');
    expect(basic.headers.get('www-authenticate')).toMatch(/^Bearer /);

    for (const [presented, code] of [
      ['garbage', 'malformed_token'],
      [secret.replace(/^tlp/, 'xxp'), 'malformed_token'],
      [`${secret}0`, 'malformed_token'],
      [withChangedEnd(secret), 'checksum_mismatch'],
    ] as const) {
      const reply = await ledger.client(presented).get('/v1/authorize');
      expect(expectStatus(reply, 400).code).toBe(code);
      expect(reply.headers.get('www-authenticate')).toContain('error="invalid_request"');
      expect(await scenario.verify(presented)).toMatchObject({ valid: false, status: 400, code });
    }
  });

  it('P9: expired, revoked and disabled are revealed only to who holds the secret, else the token is unknown', async () => {
    const expiresAt = toInstant(new SystemClock().now() + 2_000);
    const expired = await scenario.personalToken((await scenario.user()).uid, { expiresAt });
    const revoked = await scenario.personalToken((await scenario.user()).uid);
    const disabled = await scenario.personalToken((await scenario.user()).uid);
    expect(await scenario.verify(forgeSecretFor(revoked.secret))).toMatchObject({ status: 401, code: 'unknown_token' });
    expectStatus(await scenario.admin.post(`/v1/tokens/${revoked.token.uid}/revoke`, {}), 200);
    expectStatus(await scenario.admin.post(`/v1/tokens/${disabled.token.uid}/disable`, {}), 200);
    await eventually(10_000, async () => ((await scenario.verify(expired.secret)).valid ? null : true));

    for (const [{ token, secret }, code] of [
      [expired, 'expired_token'],
      [revoked, 'revoked_token'],
      [disabled, 'disabled_token'],
    ] as const) {
      const unknown = await scenario.verify(forgeSecretFor(secret));
      expect(unknown).toMatchObject({ valid: false, status: 401, code: 'unknown_token' });
      expect(unknown.wwwAuthenticate).toContain('error="invalid_token"');
      expect(unknown.tokenUid).toBeUndefined();
      const proven = await scenario.verify(secret);
      expect(proven).toMatchObject({ valid: false, status: 401, code, tokenUid: token.uid });
      expect(proven.wwwAuthenticate).toMatch(/error="invalid_token", error_description="/);
    }
  });

  it('P9: scope, resource, requester and credits have a status and a code of their own', async () => {
    const user = await scenario.user();
    const { secret } = await scenario.personalToken(user.uid, {
      access: { endpoints: ['deployment:hello'] },
      scopes: ['models:invoke'],
    });
    const scope = await scenario.verify(secret, { scope: 'models:train' });
    expect(scope).toMatchObject({ valid: false, status: 403, code: 'insufficient_scope' });
    expect(scope.wwwAuthenticate).toContain('error="insufficient_scope", scope="models:train"');
    const resource = await scenario.verify(secret, { resource: 'deployment:other' });
    expect(resource).toMatchObject({ status: 403, code: 'resource_not_allowed' });
    expect(resource.wwwAuthenticate).toBeUndefined();
    expect(await scenario.verify(secret, { cost: '1' })).toMatchObject({ status: 402, code: 'insufficient_credits' });
    const requester = (await scenario.organization()).uid;
    expect(await scenario.verify(secret, { requester })).toMatchObject({ status: 403, code: 'requester_not_allowed' });
    expect(await scenario.verify(secret, { scope: 'models:invoke', resource: 'deployment:hello' })).toMatchObject({
      valid: true,
    });
  });

  it('P9: a token that names the addresses it is used from is refused with 403 from any other', async () => {
    const { secret } = await scenario.personalToken((await scenario.user()).uid, { allowedIps: ['203.0.113.0/28'] });
    expect(await scenario.verify(secret, { ip: '203.0.113.15' })).toMatchObject({ valid: true });
    const refused = await scenario.verify(secret, { ip: '203.0.113.16' });
    expect(refused).toMatchObject({ valid: false, status: 403, code: 'ip_not_allowed' });
    expect(refused.wwwAuthenticate).toBeUndefined();

    const from = (address: string) =>
      ledger.client(secret).get('/v1/authorize', { headers: { 'x-forwarded-for': address } });
    expectStatus(await from('203.0.113.15'), 200);
    expect(expectStatus(await from('203.0.113.16'), 403).code).toBe('ip_not_allowed');
  });

  it('B4: "all" covers resources created later; a list covers only what it names; none named, none reached', async () => {
    const user = await scenario.user();
    const refused = { valid: false, status: 403, code: 'resource_not_allowed' };
    const all = await scenario.personalToken(user.uid, { access: { endpoints: 'all' } });
    expect(await scenario.verify(all.secret, { resource: 'deployment:made-later' })).toMatchObject({ valid: true });

    const named = ['deployment:one', 'deployment:two'];
    for (const endpoints of [named.slice(0, 1), named]) {
      const { secret } = await scenario.personalToken(user.uid, { access: { endpoints } });
      for (const resource of endpoints) {
        expect(await scenario.verify(secret, { resource })).toMatchObject({ valid: true });
      }
      for (const resource of ['deployment:three', 'deployment:on', 'deployment:one-more', 'deployment:*', 'all']) {
        expect(await scenario.verify(secret, { resource })).toMatchObject(refused);
      }
      const headers = { 'x-ledger-resource': 'deployment:three' };
      const reply = await ledger.client(secret).get('/v1/authorize', { headers });
      expect(expectStatus(reply, 403).code).toBe('resource_not_allowed');
    }

    const none = await scenario.personalToken(user.uid, { access: { operations: true } });
    expect(await scenario.verify(none.secret, { resource: 'deployment:any' })).toMatchObject(refused);
  });

  it('B4: access to endpoints needs "all" or at least one that is named', async () => {
    const owner = { user: (await scenario.user()).uid };
    const body = { type: 'personal', name: 'n', owner, access: { endpoints: [] } };
    const reply = await scenario.admin.post('/v1/tokens', body);
    expect(expectStatus(reply, 400)).toMatchObject({ code: 'validation_failed', errors: [{ field: 'access' }] });
  });

  it('I7: the scheme is case-insensitive, blanks are trimmed with a warning, a token in the query is 400 and recorded', async () => {
    const { secret } = await scenario.personalToken((await scenario.user()).uid);
    const anonymous = ledger.client(null);
    for (const header of [`bearer ${secret}`, `BEARER ${secret}`]) {
      expectStatus(await anonymous.get('/v1/authorize', { headers: { authorization: header } }), 200);
    }
    const padded = await anonymous.get('/v1/authorize', { headers: { authorization: `Bearer   ${secret}` } });
    expectStatus(padded, 200);
    expect(padded.headers.get('warning')).toMatch(/^299 /);
    const source = '203.0.113.71';
    const headers = { 'x-forwarded-for': source, 'x-request-id': randomUUID() };
    const query = await anonymous.get(`/v1/authorize?access_token=${secret}`, { headers });
    expect(expectStatus(query, 400).code).toBe('malformed_token');
    expect(query.headers.get('www-authenticate')).toContain('error="invalid_request"');
    expect(query.text).not.toContain(secret);
    await expectRefusalRecorded(source, headers['x-request-id']);
  });

  it('I7: a token in the address that a gateway asks about is 400, however good it is', async () => {
    const { secret } = await scenario.personalToken((await scenario.user()).uid);
    const source = '203.0.113.72';
    const headers = {
      'x-original-uri': `/api/things?token=${secret}`,
      'x-forwarded-for': source,
      'x-request-id': randomUUID(),
    };
    const reply = await ledger.client(secret).get('/v1/authorize', { headers });
    expect(expectStatus(reply, 400).code).toBe('malformed_token');
    expect(reply.text).not.toContain(secret);
    await expectRefusalRecorded(source, headers['x-request-id']);
  });

  it('I8: no call moves a personal token to an organization', async () => {
    const user = await scenario.user();
    const organization = await scenario.organization();
    const { token } = await scenario.personalToken(user.uid);
    for (const body of [{ owner: { organization: organization.uid } }, { type: 'organization' }]) {
      expect(expectStatus(await scenario.admin.patch(`/v1/tokens/${token.uid}`, body), 400).code).toBe('unknown_field');
    }
  });

  it('B5: a token without access to operations cannot call the management API', async () => {
    const { secret } = await scenario.personalToken((await scenario.user()).uid, { access: { endpoints: 'all' } });
    for (const path of ['/v1/tokens', '/v1/me', '/v1/settings']) {
      expect(expectStatus(await ledger.client(secret).get(path), 403).code).toBe('operations_not_allowed');
    }
  });

  it('every signed-in user may ask who it is, and what the settings are, whatever its token is for', async () => {
    const user = await scenario.user();
    for (const scope of ['tokens:*', 'billing:read', 'tokens:verify', '*']) {
      const { secret } = await scenario.personalToken(user.uid, { access: { operations: true }, scopes: [scope] });
      const client = ledger.client(secret);
      expect(expectStatus(await client.get('/v1/me'), 200)).toMatchObject({ user: { uid: user.uid }, scopes: [scope] });
      expect(expectStatus(await client.get('/v1/settings'), 200)).toHaveProperty('maxActiveTokens');
    }
    const narrow = { access: { operations: true }, scopes: ['models:invoke'] };
    const { secret } = await scenario.personalToken(user.uid, narrow);
    expect(expectStatus(await ledger.client(secret).get('/v1/me'), 403).code).toBe('insufficient_scope');
  });

  it('a batch answers each item on its own, in order', async () => {
    const user = await scenario.user();
    await scenario.grant(user.uid, '5');
    const { secret } = await scenario.personalToken(user.uid);
    const items = [{ token: secret, cost: '3' }, {}, { token: secret, cost: '3' }, { token: secret, cost: '2' }];
    const reply = await scenario.admin.post('/v1/verify/batch', { items });
    const codes = expectStatus(reply, 200).results.map((result: Loose) => result.code);
    expect(codes).toEqual(['valid', 'missing_token', 'insufficient_credits', 'valid']);
    expect(await scenario.balance(user.uid)).toBe('0');
  });

  it('the same key gives the first answer again and charges once; with another body it is refused', async () => {
    const user = await scenario.user();
    await scenario.grant(user.uid, '100');
    const { token, secret } = await scenario.personalToken(user.uid);
    const use = { cost: '7', idempotencyKey: 'use-1', operation: 'pipeline.run' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => scenario.verify(secret, use)));
    expect(new Set(answers.map((answer) => answer.useId)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.chargeId)).size).toBe(1);
    expect(answers.filter((answer) => answer.replayed !== true)).toHaveLength(1);
    expect(await scenario.balance(user.uid)).toBe('93');
    expect(await scenario.verify(secret, { ...use, cost: '8' })).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
    expect(await scenario.entries(`token=${token.uid}&action=TokenUsed`)).toHaveLength(1);
    expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, {}), 200);
    expect(await scenario.verify(secret, use)).toMatchObject({ valid: false, code: 'revoked_token' });
    expect(await scenario.balance(user.uid)).toBe('93');
  });

  it('a key that was given for a use which cost something is refused for one which costs nothing, and the other way', async () => {
    const user = await scenario.user();
    await scenario.grant(user.uid, '100');
    const { token, secret } = await scenario.personalToken(user.uid);
    const reused = { valid: false, status: 422, code: 'idempotency_key_reused' };
    const [charged, free] = [{ idempotencyKey: 'charged', cost: '7' }, { idempotencyKey: 'free' }];
    for (const use of [charged, free]) expect(await scenario.verify(secret, use)).toMatchObject({ valid: true });
    for (const cost of [undefined, '0']) {
      expect(await scenario.verify(secret, { ...charged, cost })).toMatchObject(reused);
    }
    expect(await scenario.verify(secret, { ...free, cost: '7' })).toMatchObject(reused);
    for (const use of [charged, free]) {
      expect(await scenario.verify(secret, use)).toMatchObject({ valid: true, replayed: true });
    }
    expect(await scenario.balance(user.uid)).toBe('93');
    expect(await scenario.entries(`token=${token.uid}&action=TokenUsed`)).toHaveLength(2);
  });

  /** Where no token can be named, only the first refusal of a source and minute is an entry: each test has its own. */
  async function expectRefusalRecorded(source: string, requestId: string): Promise<void> {
    const entries = await eventually(10_000, async () => {
      const found = await scenario.entries(`ip=${source}`);
      return found.length > 0 ? found : null;
    });
    expect(entries).toEqual([
      expect.objectContaining({ action: 'TokenUseDenied', outcome: 'denied', reason: 'malformed_token', requestId }),
    ]);
  }

  /** A token string with the same key id, another secret, and a right checksum. */
  function forgeSecretFor(secret: string): string {
    const body = `${secret.slice(0, 21)}${'0'.repeat(43)}`;
    return body + checksum(body);
  }

  function checksum(text: string): string {
    let crc = 0xffffffff;
    for (const byte of Buffer.from(text, 'ascii')) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
    let value = (crc ^ 0xffffffff) >>> 0;
    let encoded = '';
    for (let digit = 0; digit < 6; digit += 1) {
      encoded = digits[value % 62] + encoded;
      value = Math.floor(value / 62);
    }
    return encoded;
  }
});
