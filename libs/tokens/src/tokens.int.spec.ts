import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CommandContext } from '#libs/contracts';
import { streamOf } from '#libs/contracts';
import { DAY_MS, RandomIds, SeededIds } from '#libs/kernel';
import { CommandBus } from '@nestjs/cqrs';
import { CreateToken, type NewTokenWish } from './create-token/create-token.command.js';
import { parseTokenString } from './domain/token-string.js';
import { asUser } from './testing/principals.js';
import { used } from './testing/sample-uses.js';
import { startTokensServer, type TokensServer } from './testing/tokens-server.js';
import type { TokenDto } from './token.dto.js';

type Created = { token: TokenDto; secret: string | null };

const personal = { type: 'personal', name: 'CI deploy', access: { operations: true } };
let server: TokensServer;
let ids: RandomIds;
let ada: string;
let eve: string;
let acme: string;

beforeAll(async () => {
  server = await startTokensServer();
  ids = new RandomIds(() => server.clock.now());
});
afterAll(() => server.close());

beforeEach(() => {
  acme = server.world.addOrganization(ids.uid('org'));
  ada = server.world.addUser(ids.uid('usr'), { roles: { [acme]: 'admin' } });
  eve = server.world.addUser(ids.uid('usr'));
});

const post = (caller: string, body: object, headers = {}) =>
  server.call(caller, 'POST', '/v1/tokens', { body, headers });

async function create(caller: string, over: object = {}): Promise<Created> {
  const response = await post(caller, { ...personal, ...over });
  expect(response.statusCode).toBe(201);
  return response.json<Created>();
}

const get = async (caller: string, uid: string) => server.call(caller, 'GET', `/v1/tokens/${uid}`);
const problem = async (response: Promise<{ statusCode: number; json(): unknown }>) => {
  const { statusCode, json } = await response.then((r) => ({ statusCode: r.statusCode, json: r.json() as Problem }));
  return { status: statusCode, code: json.code, fields: json.errors?.map(({ field }) => field) ?? [], body: json };
};
type Problem = { code: string; errors?: { field: string }[]; candidates?: { uid: string; handle: string }[] };

describe('POST /v1/tokens', () => {
  it('answers the whole token and its secret, which is in no event and no row', async () => {
    const { token, secret } = await create(ada, { description: 'x', metadata: { team: 'blue' }, allowedIps: ['::1'] });
    expect(parseTokenString(secret ?? '', 'tl')).toMatchObject({ ok: true, kind: 'p', prefix: token.prefix });
    expect(token).toEqual({
      uid: expect.stringMatching(/^tok_[0-9A-Z]{26}$/),
      handle: expect.stringMatching(/^ci-deploy-[0-9a-f]{6}$/),
      name: 'CI deploy',
      description: 'x',
      type: 'personal',
      owner: { type: 'user', uid: ada },
      prefix: secret?.slice(0, 12),
      status: 'active',
      access: { operations: true, endpoints: [] },
      scopes: ['*'],
      projects: ['*'],
      environment: null,
      organizations: null,
      allowedIps: ['::1'],
      createdAt: '2026-11-25T08:00:00.000Z',
      createdBy: { type: 'user', uid: ada },
      expiresAt: '2027-02-23T08:00:00.000Z',
      lastUsedAt: null,
      lastUsedIp: null,
      lastUsedUserAgent: null,
      unusedSince: null,
      revokedAt: null,
      revokedBy: null,
      revokeReason: null,
      secretVersions: [{ version: 1, createdAt: '2026-11-25T08:00:00.000Z', retiresAt: null }],
      custody: 'sealed',
      metadata: { team: 'blue' },
    });
    expect((await get(ada, token.uid)).json()).toEqual(token);
    const events = await server.log.readStream(streamOf.token(token.uid));
    const { rows } = await server.pool.query('select to_jsonb(t) as row from read_model.tokens t');
    const [created] = events;
    expect(created?.private?.['verifier']).toMatch(/^[0-9a-f]{64}$/);
    const stored = JSON.stringify([events.map(({ data, metadata }) => ({ data, metadata })), rows]);
    expect(stored).not.toContain(created?.private?.['verifier']);
    expect(JSON.stringify([events.map(({ data, private: secrets }) => ({ data, secrets })), rows])).not.toContain(
      secret?.slice(21),
    );
  });

  it('P3: shows no secret when the same request is answered again', async () => {
    const headers = { 'idempotency-key': ids.uuid() };
    const first = await post(ada, personal, headers);
    const again = await post(ada, personal, headers);
    expect(again.statusCode).toBe(201);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json()).toEqual({ token: first.json<Created>().token, secret: null });
  });

  it('makes one token of a command that is carried out twice, after a crash before its answer was kept', async () => {
    const at = server.clock.now();
    const context = (): CommandContext => ({
      actor: { type: 'user', uid: ada },
      requestId: 'r',
      correlationId: 'r',
      at,
      ids: new SeededIds(`crash ${ada}`, at),
      idempotency: { keyHash: '0'.repeat(64), fingerprint: '1'.repeat(64) },
    });
    const commands = server.get(CommandBus);
    const command = () => new CreateToken(asUser(ada), context(), { ...personal, handle: 'once' } as NewTokenWish);
    const first = (await commands.execute(command())).body;
    const again = (await commands.execute(command())).body;
    expect(first.secret).not.toBeNull();
    expect(again).toEqual({ token: first.token, secret: null });
    expect(await server.log.readStream(streamOf.owner(ada))).toHaveLength(1);
  });

  it('I3: gives each handle once among the live tokens of an owner, and again when the token has ended', async () => {
    const { token } = await create(ada, { handle: 'mine' });
    expect(token.handle).toBe('mine');
    expect(await problem(post(ada, { ...personal, handle: 'mine' }))).toMatchObject({
      status: 409,
      code: 'handle_taken',
      fields: ['handle'],
    });
    await create(eve, { handle: 'mine' });
    await server.call(ada, 'POST', `/v1/tokens/${token.uid}/revoke`);
    await create(ada, { handle: 'mine' });
  });

  it.each([
    ['an unknown field', { ...personal, projects: ['*'] }, 'unknown_field', 'projects'],
    ['an unknown field of access', { ...personal, access: { admin: true } }, 'unknown_field', 'access.admin'],
    ['a type of a later release', { ...personal, type: 'client' }, 'validation_failed', 'type'],
    ['no name', { type: 'personal', access: { operations: true } }, 'validation_failed', 'name'],
    ['a blank name', { ...personal, name: '  ' }, 'validation_failed', 'name'],
    ['a long name', { ...personal, name: 'x'.repeat(101) }, 'validation_failed', 'name'],
    ['a bad handle', { ...personal, handle: 'Mine' }, 'validation_failed', 'handle'],
    ['no access', { type: 'personal', name: 'x' }, 'validation_failed', 'access'],
    ['empty access', { ...personal, access: { operations: false, endpoints: [] } }, 'validation_failed', 'access'],
    ['a list as access', { ...personal, access: [] }, 'validation_failed', 'access'],
    ['null as access', { ...personal, access: null }, 'validation_failed', 'access'],
    ['bad endpoints', { ...personal, access: { endpoints: 'some' } }, 'validation_failed', 'access.endpoints'],
    ['operations as text', { ...personal, access: { operations: 'yes' } }, 'validation_failed', 'access.operations'],
    ['a scope with a blank', { ...personal, scopes: ['a b'] }, 'validation_failed', 'scopes'],
    ['scopes as text', { ...personal, scopes: '*' }, 'validation_failed', 'scopes'],
    ['null as scopes', { ...personal, scopes: null }, 'validation_failed', 'scopes'],
    ['no address', { ...personal, allowedIps: ['localhost'] }, 'validation_failed', 'allowedIps'],
    ['an empty list of addresses', { ...personal, allowedIps: [] }, 'validation_failed', 'allowedIps'],
    ['recoverable custody', { ...personal, custody: 'recoverable' }, 'validation_failed', 'custody'],
    ['metadata of numbers', { ...personal, metadata: { a: 1 } }, 'validation_failed', 'metadata'],
    [
      'too much metadata',
      { ...personal, metadata: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, ''])) },
      'validation_failed',
      'metadata',
    ],
    ['both expiries', { ...personal, expiresIn: '7d', expiresAt: '2027-01-01' }, 'validation_failed', 'expiresAt'],
    ['the past', { ...personal, expiresAt: '2020-01-01' }, 'expiry_in_past', 'expiresAt'],
    ['too long', { ...personal, expiresIn: '366d' }, 'expiry_too_long', 'expiresIn'],
    ['never without reason', { ...personal, expiresIn: 'never' }, 'validation_failed', 'neverReason'],
    ['an owner that is no uid', { ...personal, owner: { user: 'ada' } }, 'validation_failed', 'owner.user'],
  ])('refuses %s, naming the field', async (_what, body, code, field) => {
    expect(await problem(post(ada, body))).toMatchObject({ status: 400, code, fields: [field] });
  });

  it('asks whoever is no user for the owner', async () => {
    expect(await problem(post('installation', personal))).toMatchObject({ status: 400, code: 'owner_required' });
    const { token } = await create('installation', { owner: { user: eve } });
    expect(token.owner).toEqual({ type: 'user', uid: eve });
    expect((await get(eve, token.uid)).statusCode).toBe(200);
  });

  it('B1: makes tokens of an organization for its admins only', async () => {
    const body = { ...personal, type: 'organization', owner: { organization: acme } };
    expect((await post(ada, body)).statusCode).toBe(201);
    expect((await post(acme, { ...body, owner: undefined })).statusCode).toBe(201);
    expect(await problem(post(eve, body))).toMatchObject({ status: 403, code: 'permission_denied' });
    const unknown = { ...body, owner: { organization: ids.uid('org') } };
    expect(await problem(post(eve, unknown))).toMatchObject({ status: 403, code: 'permission_denied' });
  });

  it('U3: makes admin tokens for instance admins only', async () => {
    const body = { type: 'admin', name: 'ops' };
    const response = await post('installation', body);
    expect(response.json<Created>().secret).toMatch(/^tla_/);
    expect(await problem(post(ada, body))).toMatchObject({ status: 403, code: 'permission_denied' });
    expect((await get(ada, response.json<Created>().token.uid)).statusCode).toBe(404);
  });
});

describe('P4: the limit of active tokens', () => {
  it('names the least recently used tokens of the owner, never used ones first', async () => {
    const made: TokenDto[] = [];
    for (let index = 0; index < 5; index += 1) made.push((await create(ada, { handle: `h${index}` })).token);
    await server.use(used(made[0]!.uid));
    server.clock.advance(1_000);
    await server.use(used(made[2]!.uid));
    await server.caughtUp();
    const refused = await problem(post(ada, personal));
    expect(refused).toMatchObject({ status: 409, code: 'token_limit_reached' });
    expect(refused.body.candidates?.map(({ handle }) => handle)).toEqual(['h1', 'h3', 'h4', 'h0', 'h2']);
    expect(Object.keys(refused.body.candidates?.[0] ?? {}).sort()).toEqual(
      ['expiresAt', 'handle', 'lastUsedAt', 'name', 'prefix', 'uid'].sort(),
    );
    expect((await server.call(ada, 'DELETE', `/v1/tokens/${made[1]!.uid}`)).statusCode).toBe(204);
    await create(ada);
  });

  it('cannot be exceeded by any number of parallel creates, on two processes', async () => {
    const other = await server.another();
    try {
      const creates = Array.from({ length: 24 }, (_, index) =>
        (index % 2 === 0 ? server : other).call(ada, 'POST', '/v1/tokens', { body: personal }),
      );
      const responses = await Promise.all(creates);
      const codes = responses.map((response) => response.statusCode === 201 || response.json<Problem>().code);
      expect(codes.filter((code) => code === true).length).toBeLessThanOrEqual(5);
      expect(codes.every((code) => code === true || code === 'token_limit_reached' || code === 'conflict')).toBe(true);
      while ((await post(ada, personal)).statusCode === 201);
      const page = (await server.call(ada, 'GET', '/v1/tokens?status=active')).json<{ data: TokenDto[] }>();
      expect(page.data).toHaveLength(5);
    } finally {
      await other.close();
    }
  });

  it('gives one of two parallel creates a handle', async () => {
    const body = { ...personal, handle: 'same' };
    const statuses = (await Promise.all([post(ada, body), post(ada, body)])).map(({ statusCode }) => statusCode);
    expect(statuses.sort()).toEqual([201, 409]);
  });

  it('counts no expired token, whether its expiry is recorded or not', async () => {
    for (let index = 0; index < 5; index += 1) await create(ada, { expiresIn: '60s' });
    expect((await post(ada, personal)).statusCode).toBe(409);
    server.clock.advance(60_000);
    await create(ada);
  });
});

describe('POST /v1/tokens/{uid}/revoke', () => {
  it('I5, P6: ends a token at once, keeps its history, and keeps the first time when it comes again', async () => {
    const { token } = await create(ada);
    const path = `/v1/tokens/${token.uid}/revoke`;
    const first = await server.call(ada, 'POST', path, { body: { reason: 'lost laptop' } });
    expect(first.statusCode).toBe(200);
    const revocation = { status: 'revoked', revokedBy: { type: 'user', uid: ada }, revokeReason: 'lost laptop' };
    expect(first.json()).toMatchObject(revocation);
    server.clock.advance(5_000);
    const again = await server.call(ada, 'POST', path, { body: { reason: 'again' } });
    expect(again.statusCode).toBe(200);
    expect(again.json()).toEqual(first.json());
    expect(again.headers['ledger-position']).toMatch(/^\d+$/);
    expect((await get(ada, token.uid)).json()).toEqual(first.json());
    expect(await server.log.readStream(streamOf.token(token.uid))).toHaveLength(2);
  });

  it('is what DELETE does, with 204 and without a body', async () => {
    const { token } = await create(ada);
    for (let time = 0; time < 2; time += 1) {
      const response = await server.call(ada, 'DELETE', `/v1/tokens/${token.uid}`);
      expect([response.statusCode, response.body]).toEqual([204, '']);
    }
    expect((await get(ada, token.uid)).json()).toMatchObject({ status: 'revoked', revokeReason: null });
  });

  it('revokes an expired token, too', async () => {
    const { token } = await create(ada, { expiresIn: '10s' });
    server.clock.advance(10_000);
    expect((await get(ada, token.uid)).json()).toMatchObject({ status: 'expired' });
    expect((await server.call(ada, 'POST', `/v1/tokens/${token.uid}/revoke`)).json()).toMatchObject({
      status: 'revoked',
    });
  });

  it('answers alike for a token of others, an unknown one and what is no uid', async () => {
    const { token } = await create(ada);
    const paths = [token.uid, ids.uid('tok'), 'nothing'].map((uid) => `/v1/tokens/${uid}/revoke`);
    for (const path of paths) {
      expect(await problem(server.call(eve, 'POST', path))).toMatchObject({ status: 404, code: 'not_found' });
    }
  });

  it('is refused to members who see the token and do not manage it', async () => {
    const { token } = await create(ada, { type: 'organization', owner: { organization: acme } });
    const developer = server.world.addUser(ids.uid('usr'), { roles: { [acme]: 'developer' } });
    expect((await get(developer, token.uid)).statusCode).toBe(200);
    expect(await problem(server.call(developer, 'POST', `/v1/tokens/${token.uid}/revoke`))).toMatchObject({
      status: 403,
      code: 'permission_denied',
    });
  });
});

describe('POST /v1/tokens/{uid}/disable and /enable', () => {
  it('switch a token off and on, and are silent when it is so already', async () => {
    const { token } = await create(ada);
    const disable = () => server.call(ada, 'POST', `/v1/tokens/${token.uid}/disable`, { body: { reason: 'check' } });
    const enable = () => server.call(ada, 'POST', `/v1/tokens/${token.uid}/enable`);
    expect((await disable()).json()).toMatchObject({ status: 'disabled' });
    expect((await disable()).statusCode).toBe(200);
    expect((await enable()).json()).toMatchObject({ status: 'active' });
    expect((await enable()).statusCode).toBe(200);
    const types = (await server.log.readStream(streamOf.token(token.uid))).map(({ type }) => type);
    expect(types).toEqual(['TokenCreated', 'TokenDisabled', 'TokenEnabled']);
  });

  it('are refused for a token that has ended', async () => {
    const { token } = await create(ada);
    await server.call(ada, 'DELETE', `/v1/tokens/${token.uid}`);
    for (const verb of ['disable', 'enable']) {
      expect(await problem(server.call(ada, 'POST', `/v1/tokens/${token.uid}/${verb}`))).toMatchObject({
        status: 409,
        code: 'token_not_active',
      });
    }
  });
});

describe('PATCH /v1/tokens/{uid}', () => {
  const patch = (uid: string, body: object) => server.call(ada, 'PATCH', `/v1/tokens/${uid}`, { body });

  it('U11: moves the expiry, with before and after in the event, and the slot with it', async () => {
    const { token } = await create(ada, { expiresIn: '24h', handle: 'moving' });
    const response = await patch(token.uid, { expiresIn: '48h', name: 'Moved' });
    expect(response.json()).toMatchObject({ name: 'Moved', handle: 'moving' });
    const [, updated] = await server.log.readStream(streamOf.token(token.uid));
    expect(updated?.data).toMatchObject({
      changes: { name: { before: 'CI deploy', after: 'Moved' }, expiresAt: { before: token.expiresAt } },
    });
    server.clock.advance(DAY_MS);
    expect(await problem(post(ada, { ...personal, handle: 'moving' }))).toMatchObject({ code: 'handle_taken' });
    server.clock.advance(DAY_MS);
    await create(ada, { handle: 'moving' });
  });

  it('is silent when nothing differs', async () => {
    const { token } = await create(ada);
    expect((await patch(token.uid, { name: 'CI deploy', scopes: ['*'] })).json()).toEqual(token);
    expect(await server.log.readStream(streamOf.token(token.uid))).toHaveLength(1);
  });

  it.each(['owner', 'type', 'handle', 'metadata', 'status'])('I8: does not know the field %s', async (field) => {
    const { token } = await create(ada);
    const body = { [field]: field === 'owner' ? { organization: acme } : 'organization' };
    expect(await problem(patch(token.uid, body))).toMatchObject({
      status: 400,
      code: 'unknown_field',
      fields: [field],
    });
    expect((await get(ada, token.uid)).json()).toEqual(token);
  });

  it('is refused for a token that has ended, even to prolong it', async () => {
    const { token } = await create(ada, { expiresIn: '10s' });
    server.clock.advance(10_000);
    expect(await problem(patch(token.uid, { expiresIn: '24h' }))).toMatchObject({
      status: 409,
      code: 'token_not_active',
    });
  });

  it('refuses an organization that the owner is not a member of', async () => {
    const { token } = await create(ada);
    expect((await patch(token.uid, { organizations: [acme] })).json()).toMatchObject({ organizations: [acme] });
    const foreign = server.world.addOrganization(ids.uid('org'));
    expect(await problem(patch(token.uid, { organizations: [foreign] }))).toMatchObject({ fields: ['organizations'] });
    expect((await patch(token.uid, { organizations: null })).json()).toMatchObject({ organizations: null });
  });
});
