import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '#libs/contracts';
import { type DirectoryServer, startDirectoryServer } from './testing/directory-server.js';

let directory: DirectoryServer;
let ada: string;
let bob: string;
let carol: string;
let acme: string;

beforeAll(async () => {
  directory = await startDirectoryServer();
  ada = await directory.createUser('ada');
  bob = await directory.createUser('bob');
  carol = await directory.createUser('carol');
  acme = await directory.createOrganization(ada, 'acme');
}, 120_000);

afterAll(() => directory.close());

type Members = { user: string; role: string }[];

const setMember = (caller: string, user: string, role: string, organization = acme) =>
  directory.call(caller, 'PUT', `/v1/organizations/${organization}/members/${user}`, { body: { role } });
const endMembership = (caller: string, user: string, query = '', organization = acme) =>
  directory.call(caller, 'DELETE', `/v1/organizations/${organization}/members/${user}${query}`);
const membersSeenBy = async (caller: string, organization = acme) => {
  const list = await directory.call(caller, 'GET', `/v1/organizations/${organization}/members`);
  return (list.json().data as Members).map(({ user, role }) => [user, role]);
};
const status = ({ statusCode, body }: { statusCode: number; body: string }) =>
  body === '' ? [statusCode] : [statusCode, JSON.parse(body).code];

describe('POST /v1/organizations', () => {
  it('201: makes it with its creator as admin, an account and a position, and reads like it', async () => {
    const made = await directory.call(bob, 'POST', '/v1/organizations', { body: { handle: 'bobs', name: 'Of Bob' } });
    const { uid } = made.json();
    expect(made.json()).toEqual({
      uid: expect.stringMatching(/^org_/),
      handle: 'bobs',
      name: 'Of Bob',
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    expect(made.headers).toMatchObject({
      location: `/v1/organizations/${uid}`,
      'ledger-position': expect.stringMatching(/^\d+$/),
    });
    const read = await directory.call(bob, 'GET', '/v1/organizations/bobs');
    expect(read.json()).toEqual({ ...made.json<object>(), settings: DEFAULT_SETTINGS });
    expect(await membersSeenBy(bob, 'bobs')).toEqual([[bob, 'admin']]);
    expect(await directory.stream(`account-${uid}`)).toMatchObject([{ type: 'AccountOpened', revision: 0n }]);
  });

  it('201: the installation makes one without members', async () => {
    const uid = await directory.createOrganization('installation', 'empty');
    expect(await membersSeenBy('installation', uid)).toEqual([]);
  });

  it('400, 403, 409', async () => {
    const post = (caller: string, body: object) => directory.call(caller, 'POST', '/v1/organizations', { body });
    expect(status(await post(ada, { handle: '-' }))).toEqual([400, 'validation_failed']);
    expect(status(await post(acme, { handle: 'other' }))).toEqual([403, 'permission_denied']);
    expect(status(await post(ada, { handle: 'bob' }))).toEqual([409, 'handle_taken']);
  });
});

describe('GET /v1/organizations', () => {
  it('200: shows their own to members and organizations, and all to instance roles', async () => {
    const handles = async (caller: string) =>
      ((await directory.call(caller, 'GET', '/v1/organizations')).json().data as { handle: string }[]).map(
        (organization) => organization.handle,
      );
    expect(await handles(ada)).toEqual(['acme']);
    expect(await handles(acme)).toEqual(['acme']);
    expect(await handles(carol)).toEqual([]);
    expect(await handles('installation')).toEqual(['acme', 'bobs', 'empty']);
  });

  it('I11: 404: what may not be seen is answered as what does not exist, in every call', async () => {
    const calls = ['GET', 'PATCH', 'GET members', 'PUT member', 'DELETE member'];
    const answers = async (ref: string) => [
      await directory.call(carol, 'GET', `/v1/organizations/${ref}`),
      await directory.call(carol, 'PATCH', `/v1/organizations/${ref}`, { body: { name: 'x' } }),
      await directory.call(carol, 'GET', `/v1/organizations/${ref}/members`),
      await setMember(carol, carol, 'admin', ref),
      await endMembership(carol, ada, '', ref),
    ];
    const told = async (ref: string) =>
      (await answers(ref)).map((answer) => {
        const { instance: _path, requestId: _id, ...problem } = answer.json();
        return [answer.statusCode, problem];
      });
    const missing = await told('org_01JD00000000000000000000RG');
    expect(missing.map(([code]) => code)).toEqual(calls.map(() => 404));
    expect(await told(acme)).toEqual(missing);
    expect(await told('acme')).toEqual(missing);
    expect(await told('no-such')).toEqual(missing);
  });
});

describe('PATCH /v1/organizations/{uid}', () => {
  it('200: its admin renames it; the answer and the next read say so', async () => {
    const changed = await directory.call(ada, 'PATCH', '/v1/organizations/acme', { body: { name: 'Acme' } });
    expect([changed.statusCode, changed.json().name]).toEqual([200, 'Acme']);
    expect((await directory.call(ada, 'GET', `/v1/organizations/${acme}`)).json()).toEqual(changed.json());
  });

  it('P4: 200: its admin narrows its settings, 400 beyond the installation, which only instance admins exceed', async () => {
    const patch = (caller: string, organization: number) =>
      directory.call(caller, 'PATCH', `/v1/organizations/${acme}`, {
        body: { settings: { maxActiveTokens: { organization } } },
      });
    const narrowed = await patch(ada, 3);
    expect(narrowed.json().settings.maxActiveTokens).toMatchObject({ organization: 3, personal: 5 });
    const refused = await patch(ada, 51);
    expect(refused.json()).toMatchObject({
      status: 400,
      code: 'validation_failed',
      errors: [{ field: 'settings.maxActiveTokens.organization' }],
    });
    expect((await patch('installation', 51)).json().settings.maxActiveTokens.organization).toBe(51);
  });

  it('403: is refused to members who are not its admins', async () => {
    await setMember(ada, bob, 'developer');
    const refused = await directory.call(bob, 'PATCH', `/v1/organizations/${acme}`, { body: { name: 'x' } });
    expect(status(refused)).toEqual([403, 'permission_denied']);
    await endMembership(ada, bob);
  });
});

describe('the members of an organization', () => {
  it('200: come in, change their role, and see each other from then on', async () => {
    const added = await setMember(ada, 'bob', 'developer', 'acme');
    expect([added.statusCode, added.json()]).toEqual([200, { organization: acme, user: bob, role: 'developer' }]);
    expect(await membersSeenBy(bob)).toEqual([
      [ada, 'admin'],
      [bob, 'developer'],
    ]);
    directory.advance(60_000);
    await setMember(ada, bob, 'billing');
    expect(await membersSeenBy(bob)).toContainEqual([bob, 'billing']);
    expect((await directory.call(bob, 'GET', `/v1/users/${ada}`)).statusCode).toBe(200);
  });

  it('200: are listed with name, status and since when they are members, page by page', async () => {
    const first = await directory.call(ada, 'GET', `/v1/organizations/${acme}/members?limit=1`);
    const { data, nextCursor } = first.json();
    expect(data).toEqual([
      { user: ada, handle: 'ada', name: 'ada', status: 'active', role: 'admin', addedAt: '2026-01-01T00:00:00.000Z' },
    ]);
    const second = await directory.call(ada, 'GET', `/v1/organizations/${acme}/members?limit=1&cursor=${nextCursor}`);
    const addedAt = '2026-01-01T00:00:00.000Z';
    expect(second.json()).toMatchObject({ data: [{ user: bob, role: 'billing', addedAt }], nextCursor: null });
  });

  it('B2: 204: go, and the organization is gone for them with the next call', async () => {
    const ended = await endMembership(ada, bob, '?reason=left');
    expect([ended.statusCode, ended.body]).toEqual([204, '']);
    expect(ended.headers['ledger-position']).toMatch(/^\d+$/);
    expect((await directory.call(bob, 'GET', `/v1/organizations/${acme}`)).statusCode).toBe(404);
    expect((await directory.stream(`organization-${acme}`)).at(-1)).toMatchObject({
      type: 'MembershipEnded',
      data: { userUid: bob, reason: 'left' },
    });
    expect(await membersSeenBy(ada)).toEqual([[ada, 'admin']]);
  });

  it('204: leave by themselves', async () => {
    await setMember(ada, bob, 'developer');
    expect((await endMembership(bob, bob)).statusCode).toBe(204);
  });

  it('400: take no other role', async () => {
    expect(status(await setMember(ada, bob, 'owner'))).toEqual([400, 'validation_failed']);
  });

  it('403: are set by admins only', async () => {
    await setMember(ada, bob, 'developer');
    expect(status(await setMember(bob, carol, 'developer'))).toEqual([403, 'permission_denied']);
    expect(status(await endMembership(bob, ada))).toEqual([403, 'permission_denied']);
    await endMembership(ada, bob);
  });

  it('404: are users that exist; who is not a member has nothing to end', async () => {
    expect(status(await setMember(ada, 'no-such', 'developer'))).toEqual([404, 'not_found']);
    expect(status(await setMember(ada, acme, 'developer'))).toEqual([404, 'not_found']);
    expect(status(await endMembership(ada, bob))).toEqual([404, 'not_found']);
  });

  it('409: are no disabled users', async () => {
    await directory.call('installation', 'PATCH', `/v1/users/${carol}`, { body: { status: 'disabled' } });
    expect(status(await setMember(ada, carol, 'developer'))).toEqual([409, 'user_disabled']);
    await directory.call('installation', 'PATCH', `/v1/users/${carol}`, { body: { status: 'active' } });
  });

  it('409: keep one admin, even when two leave at once; an instance admin may remove the last one', async () => {
    expect(status(await endMembership(ada, ada))).toEqual([409, 'last_admin']);
    await setMember(ada, bob, 'admin');
    const left = await Promise.all([endMembership(ada, ada), endMembership(bob, bob)]);
    expect(left.map(({ statusCode }) => statusCode).sort()).toEqual([204, 409]);
    const [last] = (await membersSeenBy('installation'))[0] ?? [];
    expect((await endMembership('installation', String(last))).statusCode).toBe(204);
    expect(await membersSeenBy('installation')).toEqual([]);
  });
});

describe('the read models of the directory', () => {
  it('E1: are the same, row for row, when they are built anew from the log', async () => {
    await directory.call('installation', 'PATCH', '/v1/settings', { body: { unusedAfterDays: 60 } });
    await directory.call('installation', 'GET', '/v1/settings');
    const before = await directory.digests();
    await directory.rebuild();
    expect(await directory.digests()).toEqual(before);
    expect(before.map(({ table, rows }) => [table, rows > 0])).toEqual([
      ['users', true],
      ['organizations', true],
      ['memberships', true],
      ['settings', true],
    ]);
  });
});
