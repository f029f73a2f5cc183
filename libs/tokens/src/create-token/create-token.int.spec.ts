import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import type { Response } from 'light-my-request';
import { type CommandContext, streamOf } from '#libs/contracts';
import { DAY_MS, SeededIds, toInstant } from '#libs/kernel';
import { parseTokenString } from '../domain/token-string.js';
import { asUser } from '../testing/principals.js';
import { used } from '../testing/sample-uses.js';
import {
  type CreatedAnswer,
  createToken,
  newPeople,
  type People,
  PERSONAL,
  problemOf,
} from '../testing/token-calls.js';
import { startTokensServer, type TokensServer } from '../testing/tokens-server.js';
import type { TokenDto } from '../token.dto.js';
import { CreateToken, type NewTokenWish } from './create-token.command.js';

let server: TokensServer;
let people: People;

beforeAll(async () => {
  server = await startTokensServer();
}, 60_000);
afterAll(() => server.close());

beforeEach(() => {
  people = newPeople(server);
});

const post = (caller: string, body: object, headers = {}): Promise<Response> =>
  server.call(caller, 'POST', '/v1/tokens', { body, headers });
const get = (caller: string, uid: string): Promise<Response> => server.call(caller, 'GET', `/v1/tokens/${uid}`);

describe('POST /v1/tokens', () => {
  it('answers the whole token and its secret, which is in no event and no row', async () => {
    const createdAt = toInstant(server.clock.now());
    const { token, secret } = await createToken(server, people.ada, {
      description: 'x',
      metadata: { team: 'blue' },
      allowedIps: ['::1'],
    });
    expect(parseTokenString(secret ?? '', 'tl')).toMatchObject({ ok: true, kind: 'p', prefix: token.prefix });
    expect(token).toEqual({
      uid: expect.stringMatching(/^tok_[0-9A-Z]{26}$/),
      handle: expect.stringMatching(/^ci-deploy-[0-9a-f]{6}$/),
      name: 'CI deploy',
      description: 'x',
      type: 'personal',
      owner: { type: 'user', uid: people.ada },
      prefix: secret?.slice(0, 12),
      status: 'active',
      access: { operations: true, endpoints: [] },
      scopes: ['*'],
      projects: ['*'],
      environment: null,
      organizations: null,
      allowedIps: ['::1'],
      createdAt,
      createdBy: { type: 'user', uid: people.ada },
      expiresAt: toInstant(server.clock.now() + 90 * DAY_MS),
      lastUsedAt: null,
      lastUsedIp: null,
      lastUsedUserAgent: null,
      unusedSince: null,
      revokedAt: null,
      revokedBy: null,
      revokeReason: null,
      secretVersions: [{ version: 1, createdAt, retiresAt: null }],
      custody: 'sealed',
      metadata: { team: 'blue' },
    });
    expect((await get(people.ada, token.uid)).json()).toEqual(token);
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
    const headers = { 'idempotency-key': people.ids.uuid() };
    const first = await post(people.ada, PERSONAL, headers);
    const again = await post(people.ada, PERSONAL, headers);
    expect(again.statusCode).toBe(201);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json()).toEqual({ token: first.json<CreatedAnswer>().token, secret: null });
  });

  it('makes one token of a command that is carried out twice, after a crash before its answer was kept', async () => {
    const at = server.clock.now();
    const context = (): CommandContext => ({
      actor: { type: 'user', uid: people.ada },
      requestId: 'r',
      correlationId: 'r',
      at,
      ids: new SeededIds(`crash ${people.ada}`, at),
      idempotency: { keyHash: '0'.repeat(64), fingerprint: '1'.repeat(64) },
    });
    const commands = server.get(CommandBus);
    const command = () =>
      new CreateToken(asUser(people.ada), context(), { ...PERSONAL, handle: 'once' } as NewTokenWish);
    const first = (await commands.execute(command())).body;
    const again = (await commands.execute(command())).body;
    expect(first.secret).not.toBeNull();
    expect(again).toEqual({ token: first.token, secret: null });
    expect(await server.log.readStream(streamOf.owner(people.ada))).toHaveLength(1);
  });

  it('I3: gives each handle once among the live tokens of an owner, and again when the token has ended', async () => {
    const { token } = await createToken(server, people.ada, { handle: 'mine' });
    expect(token.handle).toBe('mine');
    expect(await problemOf(post(people.ada, { ...PERSONAL, handle: 'mine' }))).toMatchObject({
      status: 409,
      code: 'handle_taken',
      fields: ['handle'],
    });
    await createToken(server, people.eve, { handle: 'mine' });
    await server.call(people.ada, 'POST', `/v1/tokens/${token.uid}/revoke`);
    await createToken(server, people.ada, { handle: 'mine' });
  });

  it.each([
    ['an unknown field', { ...PERSONAL, projects: ['*'] }, 'unknown_field', 'projects'],
    ['an unknown field of access', { ...PERSONAL, access: { admin: true } }, 'unknown_field', 'access.admin'],
    ['a type of a later release', { ...PERSONAL, type: 'client' }, 'validation_failed', 'type'],
    ['no name', { type: 'personal', access: { operations: true } }, 'validation_failed', 'name'],
    ['a blank name', { ...PERSONAL, name: '  ' }, 'validation_failed', 'name'],
    ['a long name', { ...PERSONAL, name: 'x'.repeat(101) }, 'validation_failed', 'name'],
    ['a bad handle', { ...PERSONAL, handle: 'Mine' }, 'validation_failed', 'handle'],
    ['no access', { type: 'personal', name: 'x' }, 'validation_failed', 'access'],
    ['empty access', { ...PERSONAL, access: { operations: false, endpoints: [] } }, 'validation_failed', 'access'],
    ['a list as access', { ...PERSONAL, access: [] }, 'validation_failed', 'access'],
    ['null as access', { ...PERSONAL, access: null }, 'validation_failed', 'access'],
    ['bad endpoints', { ...PERSONAL, access: { endpoints: 'some' } }, 'validation_failed', 'access.endpoints'],
    ['operations as text', { ...PERSONAL, access: { operations: 'yes' } }, 'validation_failed', 'access.operations'],
    ['a scope with a blank', { ...PERSONAL, scopes: ['a b'] }, 'validation_failed', 'scopes'],
    ['scopes as text', { ...PERSONAL, scopes: '*' }, 'validation_failed', 'scopes'],
    ['null as scopes', { ...PERSONAL, scopes: null }, 'validation_failed', 'scopes'],
    ['no address', { ...PERSONAL, allowedIps: ['localhost'] }, 'validation_failed', 'allowedIps'],
    ['an empty list of addresses', { ...PERSONAL, allowedIps: [] }, 'validation_failed', 'allowedIps'],
    ['recoverable custody', { ...PERSONAL, custody: 'recoverable' }, 'validation_failed', 'custody'],
    ['metadata of numbers', { ...PERSONAL, metadata: { a: 1 } }, 'validation_failed', 'metadata'],
    [
      'too much metadata',
      { ...PERSONAL, metadata: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, ''])) },
      'validation_failed',
      'metadata',
    ],
    ['both expiries', { ...PERSONAL, expiresIn: '7d', expiresAt: '2027-01-01' }, 'validation_failed', 'expiresAt'],
    ['the past', { ...PERSONAL, expiresAt: '2020-01-01' }, 'expiry_in_past', 'expiresAt'],
    ['too long', { ...PERSONAL, expiresIn: '366d' }, 'expiry_too_long', 'expiresIn'],
    ['never without reason', { ...PERSONAL, expiresIn: 'never' }, 'validation_failed', 'neverReason'],
    ['an owner that is no uid', { ...PERSONAL, owner: { user: 'ada' } }, 'validation_failed', 'owner.user'],
  ])('refuses %s, naming the field', async (_what, body, code, field) => {
    expect(await problemOf(post(people.ada, body))).toMatchObject({ status: 400, code, fields: [field] });
  });

  it('asks whoever is no user for the owner', async () => {
    expect(await problemOf(post('installation', PERSONAL))).toMatchObject({ status: 400, code: 'owner_required' });
    const { token } = await createToken(server, 'installation', { owner: { user: people.eve } });
    expect(token.owner).toEqual({ type: 'user', uid: people.eve });
    expect((await get(people.eve, token.uid)).statusCode).toBe(200);
  });

  it('B1: makes tokens of an organization for its admins only', async () => {
    const body = { ...PERSONAL, type: 'organization', owner: { organization: people.acme } };
    expect((await post(people.ada, body)).statusCode).toBe(201);
    expect((await post(people.acme, { ...body, owner: undefined })).statusCode).toBe(201);
    expect(await problemOf(post(people.eve, body))).toMatchObject({ status: 403, code: 'permission_denied' });
    const unknown = { ...body, owner: { organization: people.ids.uid('org') } };
    expect(await problemOf(post(people.eve, unknown))).toMatchObject({ status: 403, code: 'permission_denied' });
  });

  it('U3: makes admin tokens for instance admins only', async () => {
    const body = { type: 'admin', name: 'ops' };
    const response = await post('installation', body);
    expect(response.json<CreatedAnswer>().secret).toMatch(/^tla_/);
    expect(await problemOf(post(people.ada, body))).toMatchObject({ status: 403, code: 'permission_denied' });
    expect((await get(people.ada, response.json<CreatedAnswer>().token.uid)).statusCode).toBe(404);
  });
});

describe('P4: the limit of active tokens', () => {
  it('names the least recently used tokens of the owner, never used ones first', async () => {
    const made: TokenDto[] = [];
    for (let index = 0; index < 5; index += 1) {
      made.push((await createToken(server, people.ada, { handle: `h${index}` })).token);
      server.clock.advance(1);
    }
    await server.use(used(made[0]!.uid));
    server.clock.advance(1_000);
    await server.use(used(made[2]!.uid));
    await server.caughtUp();
    const refused = await problemOf(post(people.ada, PERSONAL));
    expect(refused).toMatchObject({ status: 409, code: 'token_limit_reached' });
    expect(refused.body.candidates?.map(({ handle }) => handle)).toEqual(['h1', 'h3', 'h4', 'h0', 'h2']);
    expect(Object.keys(refused.body.candidates?.[0] ?? {}).sort()).toEqual(
      ['expiresAt', 'handle', 'lastUsedAt', 'name', 'prefix', 'uid'].sort(),
    );
    expect((await server.call(people.ada, 'DELETE', `/v1/tokens/${made[1]!.uid}`)).statusCode).toBe(204);
    await createToken(server, people.ada);
  });

  it('cannot be exceeded by any number of parallel creates, on two processes', async () => {
    const other = await server.another();
    try {
      const creates = Array.from({ length: 24 }, (_, index) =>
        (index % 2 === 0 ? server : other).call(people.ada, 'POST', '/v1/tokens', { body: PERSONAL }),
      );
      const responses = await Promise.all(creates);
      const codes = responses.map((response) => response.statusCode === 201 || response.json<{ code: string }>().code);
      // Every one of them is carried out or refused for good: that others were faster is no answer.
      expect(codes.filter((code) => code === true)).toHaveLength(5);
      expect(codes.filter((code) => code === 'token_limit_reached')).toHaveLength(19);
      const page = (await server.call(people.ada, 'GET', '/v1/tokens?status=active')).json<{ data: TokenDto[] }>();
      expect(page.data).toHaveLength(5);
    } finally {
      await other.close();
    }
  });

  it('gives one of two parallel creates a handle', async () => {
    const body = { ...PERSONAL, handle: 'same' };
    const statuses = (await Promise.all([post(people.ada, body), post(people.ada, body)])).map(
      ({ statusCode }) => statusCode,
    );
    expect(statuses.sort()).toEqual([201, 409]);
  });

  it('counts no expired token, whether its expiry is recorded or not', async () => {
    for (let index = 0; index < 5; index += 1) await createToken(server, people.ada, { expiresIn: '60s' });
    expect((await post(people.ada, PERSONAL)).statusCode).toBe(409);
    server.clock.advance(60_000);
    await createToken(server, people.ada);
  });
});
