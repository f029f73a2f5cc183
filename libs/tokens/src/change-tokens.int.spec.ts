import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'light-my-request';
import { streamOf } from '#libs/contracts';
import { DAY_MS } from '#libs/kernel';
import { createToken, newPeople, type People, PERSONAL, problemOf } from './testing/token-calls.js';
import { startTokensServer, type TokensServer } from './testing/tokens-server.js';

let server: TokensServer;
let people: People;

beforeAll(async () => {
  server = await startTokensServer();
}, 60_000);
afterAll(() => server.close());

beforeEach(() => {
  people = newPeople(server);
});

const get = (caller: string, uid: string): Promise<Response> => server.call(caller, 'GET', `/v1/tokens/${uid}`);

describe('POST /v1/tokens/{uid}/revoke', () => {
  it('I5, P6: ends a token at once, keeps its history, and keeps the first time when it comes again', async () => {
    const { token } = await createToken(server, people.ada);
    const path = `/v1/tokens/${token.uid}/revoke`;
    const first = await server.call(people.ada, 'POST', path, { body: { reason: 'lost laptop' } });
    expect(first.statusCode).toBe(200);
    const revocation = { status: 'revoked', revokedBy: { type: 'user', uid: people.ada }, revokeReason: 'lost laptop' };
    expect(first.json()).toMatchObject(revocation);
    server.clock.advance(5_000);
    const again = await server.call(people.ada, 'POST', path, { body: { reason: 'again' } });
    expect(again.statusCode).toBe(200);
    expect(again.json()).toEqual(first.json());
    expect(again.headers['ledger-position']).toMatch(/^\d+$/);
    expect((await get(people.ada, token.uid)).json()).toEqual(first.json());
    expect(await server.log.readStream(streamOf.token(token.uid))).toHaveLength(2);
  });

  it('is what DELETE does, with 204 and without a body', async () => {
    const { token } = await createToken(server, people.ada);
    for (let time = 0; time < 2; time += 1) {
      const response = await server.call(people.ada, 'DELETE', `/v1/tokens/${token.uid}`);
      expect([response.statusCode, response.body]).toEqual([204, '']);
    }
    expect((await get(people.ada, token.uid)).json()).toMatchObject({ status: 'revoked', revokeReason: null });
  });

  it('revokes an expired token, too', async () => {
    const { token } = await createToken(server, people.ada, { expiresIn: '10s' });
    server.clock.advance(10_000);
    expect((await get(people.ada, token.uid)).json()).toMatchObject({ status: 'expired' });
    expect((await server.call(people.ada, 'POST', `/v1/tokens/${token.uid}/revoke`)).json()).toMatchObject({
      status: 'revoked',
    });
  });

  it('answers alike for a token of others, an unknown one and what is no uid', async () => {
    const { token } = await createToken(server, people.ada);
    const paths = [token.uid, people.ids.uid('tok'), 'nothing'].map((uid) => `/v1/tokens/${uid}/revoke`);
    for (const path of paths) {
      expect(await problemOf(server.call(people.eve, 'POST', path))).toMatchObject({ status: 404, code: 'not_found' });
    }
  });

  it('is refused to members who see the token and do not manage it', async () => {
    const { token } = await createToken(server, people.ada, {
      type: 'organization',
      owner: { organization: people.acme },
    });
    const developer = server.world.addUser(people.ids.uid('usr'), { roles: { [people.acme]: 'developer' } });
    expect((await get(developer, token.uid)).statusCode).toBe(200);
    expect(await problemOf(server.call(developer, 'POST', `/v1/tokens/${token.uid}/revoke`))).toMatchObject({
      status: 403,
      code: 'permission_denied',
    });
  });
});

describe('POST /v1/tokens/{uid}/disable and /enable', () => {
  it('switch a token off and on, and are silent when it is so already', async () => {
    const { token } = await createToken(server, people.ada);
    const disable = () =>
      server.call(people.ada, 'POST', `/v1/tokens/${token.uid}/disable`, { body: { reason: 'check' } });
    const enable = () => server.call(people.ada, 'POST', `/v1/tokens/${token.uid}/enable`);
    expect((await disable()).json()).toMatchObject({ status: 'disabled' });
    expect((await disable()).statusCode).toBe(200);
    expect((await enable()).json()).toMatchObject({ status: 'active' });
    expect((await enable()).statusCode).toBe(200);
    const types = (await server.log.readStream(streamOf.token(token.uid))).map(({ type }) => type);
    expect(types).toEqual(['TokenCreated', 'TokenDisabled', 'TokenEnabled']);
  });

  it('are refused for a token that has ended', async () => {
    const { token } = await createToken(server, people.ada);
    await server.call(people.ada, 'DELETE', `/v1/tokens/${token.uid}`);
    for (const verb of ['disable', 'enable']) {
      expect(await problemOf(server.call(people.ada, 'POST', `/v1/tokens/${token.uid}/${verb}`))).toMatchObject({
        status: 409,
        code: 'token_not_active',
      });
    }
  });
});

describe('PATCH /v1/tokens/{uid}', () => {
  const patch = (uid: string, body: object) => server.call(people.ada, 'PATCH', `/v1/tokens/${uid}`, { body });

  it('U11: moves the expiry, with before and after in the event, and the slot with it', async () => {
    const { token } = await createToken(server, people.ada, { expiresIn: '24h', handle: 'moving' });
    const response = await patch(token.uid, { expiresIn: '48h', name: 'Moved' });
    expect(response.json()).toMatchObject({ name: 'Moved', handle: 'moving' });
    const [, updated] = await server.log.readStream(streamOf.token(token.uid));
    expect(updated?.data).toMatchObject({
      changes: { name: { before: 'CI deploy', after: 'Moved' }, expiresAt: { before: token.expiresAt } },
    });
    server.clock.advance(DAY_MS);
    expect(
      await problemOf(server.call(people.ada, 'POST', '/v1/tokens', { body: { ...PERSONAL, handle: 'moving' } })),
    ).toMatchObject({
      code: 'handle_taken',
    });
    server.clock.advance(DAY_MS);
    await createToken(server, people.ada, { handle: 'moving' });
  });

  it('is silent when nothing differs', async () => {
    const { token } = await createToken(server, people.ada);
    expect((await patch(token.uid, { name: 'CI deploy', scopes: ['*'] })).json()).toEqual(token);
    expect(await server.log.readStream(streamOf.token(token.uid))).toHaveLength(1);
  });

  it.each(['owner', 'type', 'handle', 'metadata', 'status'])('I8: does not know the field %s', async (field) => {
    const { token } = await createToken(server, people.ada);
    const body = { [field]: field === 'owner' ? { organization: people.acme } : 'organization' };
    expect(await problemOf(patch(token.uid, body))).toMatchObject({
      status: 400,
      code: 'unknown_field',
      fields: [field],
    });
    expect((await get(people.ada, token.uid)).json()).toEqual(token);
  });

  it('is refused for a token that has ended, even to prolong it', async () => {
    const { token } = await createToken(server, people.ada, { expiresIn: '10s' });
    server.clock.advance(10_000);
    expect(await problemOf(patch(token.uid, { expiresIn: '24h' }))).toMatchObject({
      status: 409,
      code: 'token_not_active',
    });
  });

  it('refuses an organization that the owner is not a member of', async () => {
    const { token } = await createToken(server, people.ada);
    expect((await patch(token.uid, { organizations: [people.acme] })).json()).toMatchObject({
      organizations: [people.acme],
    });
    const foreign = server.world.addOrganization(people.ids.uid('org'));
    expect(await problemOf(patch(token.uid, { organizations: [foreign] }))).toMatchObject({
      fields: ['organizations'],
    });
    expect((await patch(token.uid, { organizations: null })).json()).toMatchObject({ organizations: null });
  });
});
