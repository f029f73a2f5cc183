import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS } from '#libs/contracts';
import { type DirectoryServer, startDirectoryServer } from './testing/directory-server.js';

let directory: DirectoryServer;
let ada: string;

beforeAll(async () => {
  directory = await startDirectoryServer();
  ada = await directory.createUser('ada');
}, 120_000);

afterAll(() => directory.close());

const patch = (caller: string, body: object) => directory.call(caller, 'PATCH', '/v1/settings', { body });

describe('/v1/settings', () => {
  it('200: are the defaults until they are changed, for every signed-in user', async () => {
    const read = await directory.call(ada, 'GET', '/v1/settings');
    expect([read.statusCode, read.json()]).toEqual([200, DEFAULT_SETTINGS]);
  });

  it('E3: 200: are what an instance admin makes them, all fields that were not named as before', async () => {
    const changed = await patch('installation', { unusedAfterDays: 60, maxActiveTokens: { personal: 7 } });
    const expected = {
      ...DEFAULT_SETTINGS,
      unusedAfterDays: 60,
      maxActiveTokens: { ...DEFAULT_SETTINGS.maxActiveTokens, personal: 7 },
    };
    expect([changed.statusCode, changed.json()]).toEqual([200, expected]);
    expect(changed.headers['ledger-position']).toMatch(/^\d+$/);
    expect((await directory.call(ada, 'GET', '/v1/settings')).json()).toEqual(expected);
  });

  it('200: keep every change of many at once', async () => {
    const changes = [{ maxLifetimeDays: 30 }, { neverExpires: 'forbidden' }, { neverUsedAfterDays: 10 }];
    const answers = await Promise.all(changes.map((body) => patch('installation', body)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    const read = await directory.call(ada, 'GET', '/v1/settings');
    expect(read.json()).toMatchObject({ maxLifetimeDays: 30, neverExpires: 'forbidden', neverUsedAfterDays: 10 });
  });

  it('200: narrow every owner at once, except who was allowed more', async () => {
    const acme = await directory.createOrganization(ada, 'acme');
    const bob = await directory.createUser('bob');
    const settings = { maxLifetimeDays: 31 };
    await directory.call('installation', 'PATCH', `/v1/users/${bob}`, { body: { settings } });
    await directory.call(ada, 'PATCH', `/v1/organizations/${acme}`, { body: { settings: { maxLifetimeDays: 20 } } });
    await patch('installation', { maxLifetimeDays: 10 });
    const lifetime = async (path: string) =>
      (await directory.call('installation', 'GET', `/v1/${path}`)).json().settings.maxLifetimeDays;
    expect([await lifetime('organizations/acme'), await lifetime('users/bob')]).toEqual([10, 31]);
  });

  it('400: name the value that is out of bounds, or null', async () => {
    for (const body of [{ maxLifetimeDays: 0 }, { maxLifetimeDays: null }]) {
      const refused = await patch('installation', body);
      expect(refused.json()).toMatchObject({ status: 400, errors: [{ field: 'maxLifetimeDays' }] });
    }
  });

  it('403: are refused to users', async () => {
    expect((await patch(ada, { maxLifetimeDays: 3650 })).json()).toMatchObject({
      status: 403,
      code: 'permission_denied',
    });
  });
});
