import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock, toInstant } from '#libs/kernel';
import { eventually } from './support/eventually.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

const DAY_MS = 86_400_000;

describe('the life of a token', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  it('I3: the handle follows its rule, is unique among the live tokens of its owner, and cannot change', async () => {
    const user = await scenario.user();
    const owner = { user: user.uid };
    const body = { type: 'personal', name: 'CI', owner, access: { endpoints: 'all' } };
    for (const handle of ['', 'A', '1a', 'a-', 'ä', 'a'.repeat(64)]) {
      const reply = await scenario.admin.post('/v1/tokens', { ...body, handle });
      expect(expectStatus(reply, 400)).toMatchObject({ code: 'validation_failed', errors: [{ field: 'handle' }] });
    }
    const { token, secret } = expectStatus(await scenario.admin.post('/v1/tokens', { ...body, handle: 'ci' }), 201);
    expect(secret).toMatch(/^tlp_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/);
    const again = await scenario.admin.post('/v1/tokens', { ...body, handle: 'ci' });
    expect(expectStatus(again, 409)).toMatchObject({ code: 'handle_taken', errors: [{ field: 'handle' }] });
    const other = await scenario.user();
    expectStatus(await scenario.admin.post('/v1/tokens', { ...body, owner: { user: other.uid }, handle: 'ci' }), 201);
    const rename = await scenario.admin.patch(`/v1/tokens/${token.uid}`, { handle: 'cd' });
    expect(expectStatus(rename, 400)).toMatchObject({ code: 'unknown_field' });
    expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, {}), 200);
    expectStatus(await scenario.admin.post('/v1/tokens', { ...body, handle: 'ci' }), 201);
  });

  it('I5, P6: a revoked token is refused by the next request; a second revoke keeps the original time and writes nothing', async () => {
    const user = await scenario.user();
    const { token, secret } = await scenario.personalToken(user.uid);
    expect(await scenario.verify(secret)).toMatchObject({ valid: true, tokenUid: token.uid });
    const first = await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, { reason: 'leaked' });
    expect(await scenario.verify(secret)).toMatchObject({
      valid: false,
      status: 401,
      code: 'revoked_token',
      tokenUid: token.uid,
    });
    const revoked = expectStatus(first, 200);
    expect(revoked).toMatchObject({ status: 'revoked', revokeReason: 'leaked' });
    const second = expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, { reason: 'again' }), 200);
    expect(second).toMatchObject({ revokedAt: revoked.revokedAt, revokeReason: 'leaked' });
    expectStatus(await scenario.admin.delete(`/v1/tokens/${token.uid}`), 204);
    const listed = expectStatus(await scenario.admin.get(`/v1/tokens?owner=${user.uid}&status=revoked`), 200).data;
    expect(listed.map((item: { uid: string }) => item.uid)).toEqual([token.uid]);
    expect(await scenario.entries(`token=${token.uid}&action=TokenRevoked`)).toHaveLength(1);
    const denied = await scenario.entries(`token=${token.uid}&outcome=denied`);
    expect(denied).toHaveLength(1);
    expect(denied[0]).toMatchObject({ action: 'TokenUseDenied' });
  });

  it('I5: deleting an active token refuses it from the next request on, and keeps its history', async () => {
    const user = await scenario.user();
    const { token, secret } = await scenario.personalToken(user.uid);
    expect(await scenario.verify(secret)).toMatchObject({ valid: true });
    const deleted = await scenario.admin.delete(`/v1/tokens/${token.uid}`);
    expect({ status: deleted.status, text: deleted.text }).toEqual({ status: 204, text: '' });
    expect(await scenario.verify(secret)).toMatchObject({ valid: false, status: 401, code: 'revoked_token' });
    const reply = await ledger.client(secret).get('/v1/authorize');
    expect(expectStatus(reply, 401).code).toBe('revoked_token');
    expect(reply.headers.get('www-authenticate')).toContain('error="invalid_token"');

    const listed = expectStatus(await scenario.admin.get(`/v1/tokens?owner=${user.uid}&status=revoked`), 200).data;
    expect(listed).toEqual([expect.objectContaining({ uid: token.uid, revokedAt: expect.any(String) })]);
    const history = (await scenario.entries(`token=${token.uid}&order=asc`)).map((entry) => entry.action);
    expect(history).toEqual(['TokenCreated', 'TokenUsed', 'TokenRevoked', 'TokenUseDenied', 'TokenUseDenied']);
  });

  it('disabling is reversible', async () => {
    const { token, secret } = await scenario.personalToken((await scenario.user()).uid);
    expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/disable`, {}), 200);
    expect(await scenario.verify(secret)).toMatchObject({ valid: false, status: 401, code: 'disabled_token' });
    expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/enable`, {}), 200);
    expect(await scenario.verify(secret)).toMatchObject({ valid: true });
  });

  it('P4: the sixth active token is refused with candidates, revoked ones do not count, parallel creates cannot exceed it', async () => {
    const user = await scenario.user();
    const body = { type: 'personal', name: 'n', owner: { user: user.uid }, access: { operations: true } };
    const replies = await Promise.all(Array.from({ length: 12 }, () => scenario.admin.post('/v1/tokens', body)));
    const created = replies.filter((reply) => reply.status === 201);
    expect(created).toHaveLength(5);
    const refused = replies.filter((reply) => reply.status !== 201);
    expect(new Set(refused.map((reply) => `${reply.status} ${reply.body.code}`))).toEqual(
      new Set(['409 token_limit_reached']),
    );

    const used = created[0]?.body;
    await scenario.verify(used.secret);
    // The candidates come from the read model: a read waits until it holds the use.
    expectStatus(await scenario.admin.get(`/v1/tokens/${used.token.uid}`), 200);
    const sixth = expectStatus(await scenario.admin.post('/v1/tokens', body), 409);
    expect(sixth.candidates).toHaveLength(5);
    expect(sixth.candidates.at(-1).uid).toBe(used.token.uid);
    expectStatus(await scenario.admin.post(`/v1/tokens/${used.token.uid}/revoke`, {}), 200);
    expectStatus(await scenario.admin.post('/v1/tokens', body), 201);

    const settings = { settings: { maxActiveTokens: { personal: 7 } } };
    expectStatus(await scenario.admin.patch(`/v1/users/${user.uid}`, settings), 200);
    expectStatus(await scenario.admin.post('/v1/tokens', body), 201);
  });

  it('P4: an expired token does not count from its instant on', async () => {
    const user = await scenario.user();
    const settings = { settings: { maxActiveTokens: { personal: 1 } } };
    expectStatus(await scenario.admin.patch(`/v1/users/${user.uid}`, settings), 200);
    const body = { type: 'personal', name: 'n', owner: { user: user.uid }, access: { operations: true } };
    const limited = async () =>
      expect(expectStatus(await scenario.admin.post('/v1/tokens', body), 409).code).toBe('token_limit_reached');
    const clock = new SystemClock();
    const expiry = clock.now() + 2_000;
    await scenario.personalToken(user.uid, { expiresAt: toInstant(expiry) });
    await limited();
    await eventually(30_000, async () => (clock.now() < expiry ? null : true));
    // At once: the job that records the expiry, and lets the place go for good, comes later.
    expectStatus(await scenario.admin.post('/v1/tokens', body), 201);
    await limited();
  });

  it('P4: the limit of an organization holds for its tokens, and for no others', async () => {
    const member = await scenario.user();
    const [limited, other] = [await scenario.organization(), await scenario.organization()];
    await scenario.member(limited.uid, member.uid);
    const settings = { settings: { maxActiveTokens: { organization: 2 } } };
    expectStatus(await scenario.admin.patch(`/v1/organizations/${limited.uid}`, settings), 200);
    const create = (organization: string) => {
      const owner = { organization };
      return scenario.admin.post('/v1/tokens', {
        type: 'organization',
        name: 'n',
        owner,
        access: { operations: true },
      });
    };
    const replies = await Promise.all(Array.from({ length: 5 }, () => create(limited.uid)));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409]);
    const made = replies.filter(({ status }) => status === 201).map(({ body }) => body.token.uid);
    // The candidates come from the read model: a read waits until it holds both tokens.
    expectStatus(await scenario.admin.get('/v1/tokens'), 200);
    const refused = expectStatus(await create(limited.uid), 409);
    expect(refused.code).toBe('token_limit_reached');
    expect(refused.candidates.map(({ uid }: { uid: string }) => uid).sort()).toEqual(made.sort());

    for (let count = 0; count < 3; count += 1) {
      expectStatus(await create(other.uid), 201);
      await scenario.personalToken(member.uid);
    }
  });

  it('B14, P2: durations, presets, dates and instants are accepted and stored as instants in UTC', async () => {
    const cases: [object, number][] = [
      [{ expiresIn: '24h' }, DAY_MS],
      [{ expiresIn: '7d' }, 7 * DAY_MS],
      [{ expiresIn: '1w' }, 7 * DAY_MS],
      [{ expiresIn: '30d' }, 30 * DAY_MS],
      [{ expiresIn: '90d' }, 90 * DAY_MS],
      [{ expiresIn: '180d' }, 180 * DAY_MS],
      [{ expiresIn: '365d' }, 365 * DAY_MS],
      [{}, 90 * DAY_MS],
    ];
    const user = await scenario.user();
    expectStatus(
      await scenario.admin.patch(`/v1/users/${user.uid}`, { settings: { maxActiveTokens: { personal: 100 } } }),
      200,
    );
    for (const [expiry, lifetimeMs] of cases) {
      const { token } = await scenario.personalToken(user.uid, expiry);
      expect(Date.parse(token.expiresAt) - Date.parse(token.createdAt)).toBe(lifetimeMs);
      expect(token.expiresAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    const day = toInstant(new SystemClock().now() + 20 * DAY_MS).slice(0, 10);
    expect((await scenario.personalToken(user.uid, { expiresAt: day })).token.expiresAt).toBe(`${day}T00:00:00.000Z`);
    const local = `${day}T10:00:00+02:00`;
    expect((await scenario.personalToken(user.uid, { expiresAt: local })).token.expiresAt).toBe(`${day}T08:00:00.000Z`);
  });

  it('P2: never needs a reason and a setting that allows it; nothing may outlive the maximum', async () => {
    const user = await scenario.user();
    const body = { type: 'personal', name: 'n', owner: { user: user.uid }, access: { operations: true } };
    expect(
      expectStatus(await scenario.admin.post('/v1/tokens', { ...body, expiresIn: 'never' }), 400).errors[0].field,
    ).toBe('neverReason');
    const never = await scenario.personalToken(user.uid, { expiresIn: 'never', neverReason: 'hardware module' });
    expect(never.token.expiresAt).toBeNull();
    expect(expectStatus(await scenario.admin.post('/v1/tokens', { ...body, expiresIn: '366d' }), 400).code).toBe(
      'expiry_too_long',
    );
    expect(expectStatus(await scenario.admin.post('/v1/tokens', { ...body, expiresAt: '2020-01-01' }), 400).code).toBe(
      'expiry_in_past',
    );
    expectStatus(await scenario.admin.patch(`/v1/users/${user.uid}`, { settings: { neverExpires: 'forbidden' } }), 200);
    const forbidden = await scenario.admin.post('/v1/tokens', { ...body, expiresIn: 'never', neverReason: 'please' });
    expect(expectStatus(forbidden, 400).code).toBe('never_not_allowed');
  });

  it('P2: the policy of an organization on never and on lifetimes holds for its tokens, and for no others', async () => {
    const [strict, other] = [await scenario.organization(), await scenario.organization()];
    const settings = { settings: { neverExpires: 'forbidden', maxLifetimeDays: 30 } };
    expectStatus(await scenario.admin.patch(`/v1/organizations/${strict.uid}`, settings), 200);
    const create = (organization: string, expiry: object) => {
      const body = { type: 'organization', name: 'n', owner: { organization }, access: { operations: true } };
      return scenario.admin.post('/v1/tokens', { ...body, ...expiry });
    };
    const never = { expiresIn: 'never', neverReason: 'hardware module' };
    expect(expectStatus(await create(strict.uid, never), 400).code).toBe('never_not_allowed');
    expect(expectStatus(await create(other.uid, never), 201).token.expiresAt).toBeNull();
    expect(expectStatus(await create(other.uid, { expiresIn: 'never' }), 400).errors[0].field).toBe('neverReason');
    expect(expectStatus(await create(strict.uid, { expiresIn: '31d' }), 400).code).toBe('expiry_too_long');
    expectStatus(await create(strict.uid, { expiresIn: '30d' }), 201);
    expectStatus(await create(other.uid, { expiresIn: '31d' }), 201);
  });

  it('P1, P3, P5: the value is shown once, lists show the prefix and last use, search finds a prefix and refuses a secret', async () => {
    const user = await scenario.user();
    const { token, secret } = await scenario.personalToken(user.uid, { name: 'Listed' });
    expect(token.prefix).toBe(secret.slice(0, 12));
    const before = expectStatus(await scenario.admin.get(`/v1/tokens/${token.uid}`), 200);
    expect(before).toMatchObject({
      lastUsedAt: null,
      name: 'Listed',
      status: 'active',
      secretVersions: [{ version: 1 }],
    });
    await scenario.verify(secret, { ip: '203.0.113.7', userAgent: 'curl/8' });
    const reply = await scenario.admin.get(`/v1/tokens?q=${token.prefix}`);
    expect(expectStatus(reply, 200).data).toHaveLength(1);
    expect(reply.body.data[0]).toMatchObject({
      uid: token.uid,
      lastUsedIp: '203.0.113.7',
      lastUsedUserAgent: 'curl/8',
    });
    expect(reply.body.data[0].lastUsedAt).not.toBeNull();
    expect(reply.text).not.toContain(secret.slice(21));
    // What happens to a token later tells its prefix as well as how it was made, and each use.
    expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, { reason: 'lost' }), 200);
    await scenario.verify(secret);
    const entries = await scenario.entries(`token=${token.uid}&order=asc`);
    expect(entries.map(({ action, tokenPrefix }) => [action, tokenPrefix])).toEqual(
      ['TokenCreated', 'TokenUsed', 'TokenRevoked', 'TokenUseDenied'].map((action) => [action, token.prefix]),
    );
    const csv = await scenario.admin.get(`/v1/audit/export?format=csv&token=${token.uid}`);
    expect(csv.text.trim().split('\n')).toHaveLength(5);
    for (const line of csv.text.trim().split('\n').slice(1))
      expect(line.trim()).toMatch(new RegExp(`,${token.prefix}$`));
    const refused = await scenario.admin.get(`/v1/tokens?q=${secret}`);
    expect(expectStatus(refused, 400).code).toBe('secret_in_request');
    expect(refused.text).not.toContain(secret);
  });

  it('a repeated create with one key gives the first token again, without its secret', async () => {
    const user = await scenario.user();
    const body = { type: 'personal', name: 'n', owner: { user: user.uid }, access: { operations: true } };
    const first = await scenario.admin.post('/v1/tokens', body, { 'idempotency-key': `create-${user.uid}` });
    const again = await scenario.admin.post('/v1/tokens', body, { 'idempotency-key': `create-${user.uid}` });
    expect(expectStatus(again, 201)).toEqual({ token: first.body.token, secret: null });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await scenario.admin.post(
      '/v1/tokens',
      { ...body, name: 'm' },
      { 'idempotency-key': `create-${user.uid}` },
    );
    expect(expectStatus(other, 422).code).toBe('idempotency_key_reused');
  });
});
