import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DAY_MS, RandomIds } from '#libs/kernel';
import { used } from '../testing/sample-uses.js';
import { startTokensServer, type TokensServer } from '../testing/tokens-server.js';
import type { TokenDto } from '../token.dto.js';
import { SORTS } from './token-sort.js';

interface Page {
  data: TokenDto[];
  nextCursor: string | null;
}

let server: TokensServer;
let ada: string;
let eve: string;
let auditor: string;
let acme: string;
let globex: string;
let secret: string;
const uidOf = new Map<string, string>();
const handleOf = new Map<string, string>();

beforeAll(async () => {
  server = await startTokensServer();
  const ids = new RandomIds(() => server.clock.now());
  acme = server.world.addOrganization(ids.uid('org'));
  globex = server.world.addOrganization(ids.uid('org'));
  ada = server.world.addUser(ids.uid('usr'), { roles: { [acme]: 'admin' } });
  eve = server.world.addUser(ids.uid('usr'), { roles: { [globex]: 'admin' } });
  auditor = server.world.addUser(ids.uid('usr'), { instanceRoles: ['auditor'] });
  const operations = { operations: true };
  const of = (organization: string) => ({ type: 'organization', owner: { organization }, access: operations });
  await create(ada, 'laptop', { name: 'Laptop of Ada', expiresIn: '1h' });
  await create(ada, 'ci', { name: 'ci deploy', expiresIn: '7d' });
  await create(eve, 'eves', { name: 'Backup', expiresIn: 'never', neverReason: 'appliance' });
  await create(ada, 'shop', { name: 'Web shop', ...of(acme) });
  await create(eve, 'crm', { name: 'CRM 100%_x', ...of(globex) });
  await create('installation', 'ops', { name: 'Ops', type: 'admin' });
  await server.call(ada, 'DELETE', `/v1/tokens/${uidOf.get('ci')}`);
  await server.call(eve, 'POST', `/v1/tokens/${uidOf.get('crm')}/disable`);
  await server.use(used(uidOf.get('shop') ?? ''));
  server.clock.advance(1_000);
  await server.use(used(uidOf.get('laptop') ?? ''));
  // The expiry of this token is not recorded by anybody: its status follows the clock.
  server.clock.advance(3_600_000);
}, 60_000);
afterAll(() => server.close());

async function create(caller: string, handle: string, over: object): Promise<void> {
  const body = { type: 'personal', handle, access: { operations: true }, ...over };
  const response = await server.call(caller, 'POST', '/v1/tokens', { body });
  expect(response.statusCode).toBe(201);
  const created = response.json<{ token: TokenDto; secret: string }>();
  uidOf.set(handle, created.token.uid);
  handleOf.set(created.token.uid, handle);
  secret = created.secret;
  server.clock.advance(1);
}

const list = async (caller: string, query: string): Promise<Page> =>
  (await server.call(caller, 'GET', `/v1/tokens?${query}`)).json<Page>();
const handles = async (caller: string, query = ''): Promise<string[]> =>
  (await list(caller, query)).data.map(({ handle }) => handle);
const codeOf = async (query: string, caller = 'installation'): Promise<string> =>
  (await server.call(caller, 'GET', `/v1/tokens?${query}`)).json<{ code: string }>().code;

describe('who sees which tokens', () => {
  it('an instance admin sees all, newest first', async () => {
    expect(await handles('installation')).toEqual(['ops', 'crm', 'shop', 'eves', 'ci', 'laptop']);
  });

  it('U3: an auditor sees all but admin tokens, in the list and by uid', async () => {
    expect(await handles(auditor)).toEqual(['crm', 'shop', 'eves', 'ci', 'laptop']);
    expect((await server.call(auditor, 'GET', `/v1/tokens/${uidOf.get('ops')}`)).statusCode).toBe(404);
    expect(await handles(auditor, 'q=ops')).toEqual([]);
  });

  it('a user sees its own and those of its organizations; an organization sees its own', async () => {
    expect(await handles(ada)).toEqual(['shop', 'ci', 'laptop']);
    expect(await handles(eve)).toEqual(['crm', 'eves']);
    expect(await handles(acme)).toEqual(['shop']);
  });

  it('a filter shows nobody more', async () => {
    expect(await handles(ada, `owner=${eve}`)).toEqual([]);
    expect(await handles(ada, 'owner=installation')).toEqual([]);
    expect((await server.call(ada, 'GET', `/v1/tokens/${uidOf.get('crm')}`)).statusCode).toBe(404);
  });
});

describe('filters of the list of tokens', () => {
  it.each([
    ['type=personal', ['eves', 'ci', 'laptop']],
    ['type=admin', ['ops']],
    ['type=client', []],
    ['owner=installation', ['ops']],
    ['status=active', ['ops', 'shop', 'eves']],
    ['status=expired', ['laptop']],
    ['status=revoked', ['ci']],
    ['status=disabled', ['crm']],
    ['unused=true', []],
    ['unused=false', ['ops', 'crm', 'shop', 'eves', 'ci', 'laptop']],
    ['type=personal&status=active', ['eves']],
    ['expiringWithin=14d', []],
    ['expiringWithin=13w', ['ops', 'crm', 'shop']],
    ['expiringWithin=13w&status=active', ['ops', 'shop']],
  ])('%s selects %j', async (query, expected) => {
    expect(await handles('installation', query)).toEqual(expected);
  });

  it('by owner', async () => {
    expect(await handles('installation', `owner=${acme}`)).toEqual(['shop']);
    expect(await handles('installation', `owner=${ada}`)).toEqual(['ci', 'laptop']);
  });

  it.each([
    ['deploy', ['ci']],
    ['CI DEPLOY', ['ci']],
    ['laptop', ['laptop']],
    ['organization', ['crm', 'shop']],
    ['100%25_X', ['crm']],
    ['%25', ['crm']],
    ['_', ['ops', 'crm', 'shop', 'eves', 'ci', 'laptop']],
    ['nothing of the kind', []],
    ['%20', ['ops', 'crm', 'shop', 'eves', 'ci', 'laptop']],
  ])('U7: q=%s finds %j', async (q, expected) => {
    expect(await handles('installation', `q=${q}`)).toEqual(expected);
  });

  it('P5: a pasted prefix finds its token', async () => {
    const [token] = (await list('installation', 'q=shop')).data;
    expect(await handles('installation', `q=${token?.prefix}`)).toEqual(['shop']);
  });

  it('P5: a whole token in the query is refused, and its secret is not said again', async () => {
    const response = await server.call('installation', 'GET', `/v1/tokens?q=${secret}`);
    expect(response.statusCode).toBe(400);
    expect(response.json<{ code: string }>().code).toBe('secret_in_request');
    expect(response.body).not.toContain(secret.slice(21));
  });

  it.each([
    ['status=gone', 'validation_failed'],
    ['type=robot', 'validation_failed'],
    ['owner=ada', 'validation_failed'],
    ['unused=yes', 'validation_failed'],
    ['sort=prefix', 'validation_failed'],
    ['expiringWithin=soon', 'validation_failed'],
    ['expiringWithin=999999w', 'validation_failed'],
    ['limit=0', 'validation_failed'],
    ['limit=1001', 'validation_failed'],
    ['color=red', 'unknown_field'],
    ['cursor=xyz', 'invalid_cursor'],
  ])('%s is refused with %s', async (query, code) => {
    expect(await codeOf(query)).toBe(code);
  });
});

describe('the order and the pages of the list of tokens', () => {
  it.each([
    ['createdAt', ['laptop', 'ci', 'eves', 'shop', 'crm', 'ops']],
    ['-createdAt', ['ops', 'crm', 'shop', 'eves', 'ci', 'laptop']],
    ['name', ['eves', 'ci', 'crm', 'laptop', 'ops', 'shop']],
    ['-name', ['shop', 'ops', 'laptop', 'crm', 'ci', 'eves']],
    ['expiresAt', ['laptop', 'ci', 'shop', 'crm', 'ops', 'eves']],
    ['-expiresAt', ['eves', 'ops', 'crm', 'shop', 'ci', 'laptop']],
    ['-lastUsedAt', ['laptop', 'shop', 'ops', 'crm', 'eves', 'ci']],
    ['lastUsedAt', ['ci', 'eves', 'crm', 'ops', 'shop', 'laptop']],
  ])('by %s it is %j', async (sort, expected) => {
    expect(await handles('installation', `sort=${sort}`)).toEqual(expected);
  });

  it.each(SORTS)('by %s the pages together are the whole list, whatever their size', async (sort) => {
    const whole = await handles('installation', `sort=${sort}`);
    for (const limit of [1, 2, 5, 6, 7]) {
      const paged: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const page: Page = await list('installation', `sort=${sort}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
        expect(page.data.length).toBeLessThanOrEqual(limit);
        paged.push(...page.data.map(({ handle }) => handle));
        cursor = page.nextCursor;
      }
      expect(paged).toEqual(whole);
    }
  });

  it.each(SORTS)('by %s each entry is the whole token, as by its uid', async (sort) => {
    for (const token of (await list('installation', `sort=${sort}`)).data) {
      expect((await server.call('installation', 'GET', `/v1/tokens/${token.uid}`)).json()).toEqual(token);
    }
  });

  it('a cursor is refused with other filters, in another order, and when it was changed', async () => {
    const { nextCursor } = await list('installation', 'limit=2&status=active');
    expect(nextCursor).not.toBeNull();
    expect(await codeOf(`status=revoked&cursor=${nextCursor}`)).toBe('invalid_cursor');
    expect(await codeOf(`status=active&sort=name&cursor=${nextCursor}`)).toBe('invalid_cursor');
    const [listId, , uid] = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString()) as string[];
    const forged = Buffer.from(JSON.stringify([listId, 'yesterday', uid])).toString('base64url');
    expect(await codeOf(`status=active&cursor=${forged}`)).toBe('invalid_cursor');
  });

  it('a page leaves nothing out and shows nothing twice when tokens are made in between', async () => {
    const first = await list(ada, 'limit=2');
    await create(ada, 'later', { name: 'made in between' });
    const second = await list(ada, `limit=2&cursor=${first.nextCursor}`);
    expect([...first.data, ...second.data].map(({ handle }) => handle)).toEqual(['shop', 'ci', 'laptop']);
    expect(second.nextCursor).toBeNull();
    expect(await handles(ada, 'limit=1')).toEqual(['later']);
  });

  it('E2: the status in answers follows the clock', async () => {
    const [laptop] = (await list(ada, 'q=laptop')).data;
    expect(laptop?.status).toBe('expired');
    const { rows } = await server.pool.query<{ status: string }>(
      `select status from read_model.tokens where handle = 'laptop'`,
    );
    expect(rows).toEqual([{ status: 'active' }]);
    server.clock.advance(400 * DAY_MS);
    expect(await handles('installation', 'status=active')).toEqual(['eves']);
  });
});
