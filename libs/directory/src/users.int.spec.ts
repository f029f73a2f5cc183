import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '#libs/contracts';
import { type DirectoryServer, startDirectoryServer } from './testing/directory-server.js';

let directory: DirectoryServer;
let ada: string;
let bob: string;
let carol: string;

beforeAll(async () => {
  directory = await startDirectoryServer();
  ada = await directory.createUser('ada');
  bob = await directory.createUser('bob');
  carol = await directory.createUser('carol');
  const team = await directory.createOrganization(ada, 'team');
  await directory.call(ada, 'PUT', `/v1/organizations/${team}/members/${bob}`, { body: { role: 'developer' } });
}, 120_000);

afterAll(() => directory.close());

const handlesOf = (body: string): string[] =>
  (JSON.parse(body).data as { handle: string }[]).map((user) => user.handle);

describe('POST /v1/users', () => {
  it('201: makes the user with handle, account and position, and reads like it', async () => {
    const body = { handle: 'dora', email: 'dora@example.com', name: 'Dora' };
    const made = await directory.call('installation', 'POST', '/v1/users', { body });
    expect(made.statusCode).toBe(201);
    const user = made.json();
    expect(user).toEqual({
      uid: expect.stringMatching(/^usr_/),
      ...body,
      status: 'active',
      instanceRoles: [],
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    expect(made.headers).toMatchObject({ location: `/v1/users/${user.uid}`, 'ledger-position': expect.any(String) });
    for (const ref of [user.uid, 'dora']) {
      const read = await directory.call('installation', 'GET', `/v1/users/${ref}`);
      expect(read.json()).toEqual({ ...user, settings: DEFAULT_SETTINGS });
    }
    const streams = [`handle-dora`, `user-${user.uid}`, `account-${user.uid}`];
    const types = await Promise.all(
      streams.map(async (name) => (await directory.stream(name)).map(({ type }) => type)),
    );
    expect(types).toEqual([['HandleTaken'], ['UserCreated'], ['AccountOpened']]);
  });

  it('201: the same idempotency key makes one user, and answers it again', async () => {
    const body = { handle: 'emil', email: 'emil@example.com' };
    const headers = { 'idempotency-key': 'emil-1' };
    const first = await directory.call('installation', 'POST', '/v1/users', { body, headers });
    const again = await directory.call('installation', 'POST', '/v1/users', { body, headers });
    expect([again.statusCode, again.json()]).toEqual([201, first.json()]);
    expect(again.headers['idempotent-replayed']).toBe('true');
  });

  it('201 or 409: of many at once with one handle exactly one wins, across users and organizations', async () => {
    const body = { handle: 'wanted', email: 'wanted@example.com' };
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, index) =>
        index % 2 === 0
          ? directory.call('installation', 'POST', '/v1/users', { body })
          : directory.call(ada, 'POST', '/v1/organizations', { body: { handle: 'wanted' } }),
      ),
    );
    const lost = answers.filter(({ statusCode }) => statusCode === 409);
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
    expect(lost).toHaveLength(15);
    for (const answer of lost) {
      expect(answer.json()).toMatchObject({ code: 'handle_taken', errors: [{ field: 'handle' }] });
    }
    expect(await directory.stream('handle-wanted')).toHaveLength(1);
  });

  it('400: names the bad and the unknown fields', async () => {
    const body = { handle: 'No', email: 'no', admin: true };
    const refused = await directory.call('installation', 'POST', '/v1/users', { body });
    expect([refused.statusCode, refused.json().code]).toEqual([400, 'unknown_field']);
    expect(
      refused
        .json()
        .errors.map((error: { field: string }) => error.field)
        .sort(),
    ).toEqual(expect.arrayContaining(['admin', 'email', 'handle']));
  });

  it('403: is refused to users', async () => {
    const body = { handle: 'nobody', email: 'nobody@example.com' };
    const refused = await directory.call(ada, 'POST', '/v1/users', { body });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'permission_denied']);
    expect(await directory.stream('handle-nobody')).toEqual([]);
  });
});

describe('GET /v1/users', () => {
  it('200: shows users to themselves and to who shares an organization', async () => {
    const seen = await Promise.all([ada, bob, carol].map((caller) => directory.call(caller, 'GET', '/v1/users')));
    expect(seen.map(({ body }) => handlesOf(body))).toEqual([['ada', 'bob'], ['ada', 'bob'], ['carol']]);
  });

  it('200: shows all to every instance role, page by page, in the order of their handles', async () => {
    const auditor = await directory.createUser('zoe');
    await directory.call('installation', 'PUT', `/v1/users/${auditor}/roles`, { body: { roles: ['auditor'] } });
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await directory.call(auditor, 'GET', `/v1/users?limit=2${query}`);
      seen.push(...handlesOf(page.body));
      cursor = page.json().nextCursor;
    }
    expect(seen).toEqual([...seen].sort());
    expect(seen).toEqual(expect.arrayContaining(['ada', 'bob', 'carol', 'zoe']));
  });

  it('400: refuses a cursor that it did not make', async () => {
    const refused = await directory.call(ada, 'GET', '/v1/users?cursor=abc');
    expect([refused.statusCode, refused.json().code]).toEqual([400, 'invalid_cursor']);
  });

  it('404: what may not be seen is answered as what does not exist', async () => {
    const unseen = await directory.call(carol, 'GET', `/v1/users/${ada}`);
    const problem = ({ instance: _path, requestId: _id, ...rest }: Record<string, unknown>) => rest;
    for (const ref of ['usr_01JD00000000000000000000VS', 'nobody-here', 'No-such', '%F0%9F%99%82']) {
      const missing = await directory.call(carol, 'GET', `/v1/users/${ref}`);
      expect([missing.statusCode, problem(missing.json())]).toEqual([404, problem(unseen.json())]);
    }
  });
});

describe('PATCH /v1/users/{uid}', () => {
  it('200: users change their own name; the answer and the next read say so', async () => {
    const changed = await directory.call(carol, 'PATCH', '/v1/users/carol', { body: { name: 'Carol' } });
    expect([changed.statusCode, changed.json().name]).toEqual([200, 'Carol']);
    const read = await directory.call(carol, 'GET', `/v1/users/${carol}`);
    expect(read.json()).toEqual(changed.json());
  });

  it('200: a change of nothing appends nothing and tells the position of what it was decided on', async () => {
    const last = await directory.call(carol, 'PATCH', `/v1/users/${carol}`, { body: { name: 'Carol C.' } });
    const before = await directory.stream(`user-${carol}`);
    const changed = await directory.call(carol, 'PATCH', `/v1/users/${carol}`, { body: {} });
    expect(changed.headers['ledger-position']).toBe(last.headers['ledger-position']);
    expect(await directory.stream(`user-${carol}`)).toEqual(before);
  });

  it('B2: 200: a disabled user is refused from the next call on, until enabled again', async () => {
    const body = { status: 'disabled', reason: 'on leave' };
    await directory.call('installation', 'PATCH', `/v1/users/${bob}`, { body });
    const refused = await directory.call(bob, 'GET', '/v1/me');
    expect([refused.statusCode, refused.json().code]).toEqual([401, 'owner_inactive']);
    expect((await directory.stream(`user-${bob}`)).at(-1)).toMatchObject({
      type: 'UserDisabled',
      data: { reason: 'on leave' },
      metadata: { actorType: 'token' },
    });
    await directory.call('installation', 'PATCH', `/v1/users/${bob}`, { body: { status: 'active' } });
    expect((await directory.call(bob, 'GET', '/v1/me')).statusCode).toBe(200);
  });

  it('P4: 200: settings of one user are in force for that user alone, until null', async () => {
    const url = `/v1/users/${carol}`;
    const settings = { maxActiveTokens: { personal: 9 } };
    await directory.call('installation', 'PATCH', url, { body: { settings } });
    const limits = async (ref: string) =>
      (await directory.call('installation', 'GET', `/v1/users/${ref}`)).json().settings.maxActiveTokens.personal;
    expect([await limits(carol), await limits(ada)]).toEqual([9, 5]);
    await directory.call('installation', 'PATCH', url, { body: { settings: { maxActiveTokens: { personal: null } } } });
    expect(await limits(carol)).toBe(5);
  });

  it('403 for who is seen, 404 for who is not', async () => {
    const body = { name: 'Mallory' };
    const seen = await directory.call(bob, 'PATCH', `/v1/users/${ada}`, { body });
    const unseen = await directory.call(bob, 'PATCH', `/v1/users/${carol}`, { body });
    expect([seen.statusCode, unseen.statusCode]).toEqual([403, 404]);
  });
});

describe('PUT /v1/users/{uid}/roles', () => {
  it('200: an instance admin is one from the next call on', async () => {
    const set = await directory.call('installation', 'PUT', '/v1/users/carol/roles', { body: { roles: ['admin'] } });
    expect([set.statusCode, set.json().instanceRoles]).toEqual([200, ['admin']]);
    expect(handlesOf((await directory.call(carol, 'GET', '/v1/users')).body)).toContain('ada');
    await directory.call(carol, 'PUT', `/v1/users/${carol}/roles`, { body: { roles: [] } });
    expect(handlesOf((await directory.call(carol, 'GET', '/v1/users')).body)).toEqual(['carol']);
  });

  it('400, 403, 404', async () => {
    const put = (caller: string, ref: string, roles: string[]) =>
      directory.call(caller, 'PUT', `/v1/users/${ref}/roles`, { body: { roles } });
    expect((await put('installation', ada, ['root'])).json()).toMatchObject({ code: 'validation_failed', status: 400 });
    expect((await put(ada, ada, ['admin'])).statusCode).toBe(403);
    expect((await put('installation', 'nobody-here', [])).statusCode).toBe(404);
  });
});

describe('GET /v1/me', () => {
  it('200: tells a user who it is, in which organizations, and what it may do', async () => {
    const me = await directory.call(ada, 'GET', '/v1/me');
    expect(me.json()).toEqual({
      actor: { type: 'user', uid: ada },
      user: { uid: ada, handle: 'ada', email: 'ada@example.com', name: 'ada' },
      token: { uid: expect.stringMatching(/^tok_/), prefix: 'tlp_01234567', type: 'personal', expiresAt: null },
      scopes: ['directory:*'],
      access: { operations: true, endpoints: [] },
      instanceRoles: [],
      organizations: [{ uid: expect.stringMatching(/^org_/), handle: 'team', name: 'team', role: 'admin' }],
      permissions: [],
    });
  });

  it('200: tells the installation that it is no user', async () => {
    const me = (await directory.call('installation', 'GET', '/v1/me')).json();
    expect(me).toMatchObject({ actor: { type: 'token' }, instanceRoles: ['admin'], permissions: ['CREATE_API_TOKEN'] });
    expect(me).not.toHaveProperty('user');
  });

  it('200: knows a user and an organization that the read model does not show yet', async () => {
    await directory.pauseReadModel();
    const uid = await directory.createUser('newcomer');
    await directory.createOrganization(uid, 'new-team');
    const me = await directory.call(uid, 'GET', '/v1/me', { headers: { 'ledger-min-position': '0' } });
    await directory.resumeReadModel();
    expect(me.json()).toMatchObject({ user: { handle: 'newcomer' }, organizations: [{ handle: 'new-team' }] });
  });
});
