import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LargeLedger, ROWS_READ_MAX } from './large-ledger.js';
import { fillTables, OWNER, TOKEN } from './large-tables.js';
import { costsOf } from './plan-reader.js';

const PATIENCE_MS = 240_000;
/** Tables that grow with the ledger. Lists of another table are added to the lists below, and the table here. */
const LARGE = ['tokens', 'usage_hours', 'users', 'organizations', 'memberships', 'account_entries'];

const FILTERS = [
  '',
  `owner=${OWNER}`,
  'owner=installation',
  'type=organization',
  'type=monitoring',
  'type=client',
  'status=active',
  'status=disabled',
  'status=revoked',
  'status=expired',
  'unused=true',
  'unused=false',
  'expiringWithin=14d',
  'q=harbor',
  'q=99999',
  'q=nothing-of-the-kind',
  'type=personal&status=revoked',
  `owner=${OWNER}&status=active&q=token`,
];
const SORTS = ['createdAt', 'name', 'expiresAt', 'lastUsedAt'].flatMap((field) => [field, `-${field}`]);

describe('lists of a large ledger', () => {
  let ledger: LargeLedger;
  const uids = { organization: '', user: '' };
  let member: string;

  beforeAll(async () => {
    ledger = await LargeLedger.start(LARGE);
    const create = (path: string, body: object) => ledger.call('POST', path, { body });
    uids.organization = (await create('/v1/organizations', { handle: 'plans' }))['uid'] as string;
    uids.user = (await create('/v1/users', { handle: 'planner', email: 'p@example.com' }))['uid'] as string;
    const membership = `/v1/organizations/${uids.organization}/members/${uids.user}`;
    await ledger.call('PUT', membership, { body: { role: 'admin' } });
    const personal = { type: 'personal', name: 'p', owner: { user: uids.user }, access: { operations: true } };
    member = (await create('/v1/tokens', personal))['secret'] as string;
    await fillTables(ledger.client, uids.organization);
    ledger.watch();
  }, PATIENCE_MS);
  afterAll(() => ledger.stop());

  it.each(FILTERS)('tokens with "%s" are found by an index, in every order', async (filter) => {
    for (const sort of SORTS) await ledger.expectIndexed(`/v1/tokens?${filter}${filter === '' ? '' : '&'}sort=${sort}`);
  });

  it.each(FILTERS)('tokens with "%s" that somebody may see are found by an index', async (filter) => {
    for (const sort of SORTS) {
      await ledger.expectIndexed(`/v1/tokens?${filter}${filter === '' ? '' : '&'}sort=${sort}`, member);
    }
  });

  it('users, organizations and members are found by an index, whoever asks', async () => {
    for (const secret of [ledger.admin, member]) {
      await ledger.expectIndexed('/v1/users', secret);
      await ledger.expectIndexed('/v1/organizations', secret);
      await ledger.expectIndexed(`/v1/organizations/${uids.organization}/members`, secret);
      await ledger.expectIndexed(`/v1/users/${uids.user}`, secret);
      await ledger.expectIndexed('/v1/users/planner', secret);
      await ledger.expectIndexed(`/v1/organizations/${uids.organization}`, secret);
    }
  });

  it('the use of a token is found by an index, by hour and by day', async () => {
    await ledger.expectIndexed(`/v1/tokens/${TOKEN}/usage?by=day`);
    await ledger.expectIndexed(`/v1/tokens/${TOKEN}/usage?by=hour`);
  });

  it('feeds of charges read the log and no table that grows, of one account and of all organizations', async () => {
    expect(await ledger.costsOfList(`/v1/organizations/${uids.organization}/charges?limit=50`)).toEqual([]);
    expect(await ledger.costsOfList('/v1/charges?limit=50')).toEqual([]);
  });

  it('charges are found by an index, by their keys and by their uids', async () => {
    const account = `/v1/accounts/${uids.organization}`;
    const pay = (path: string, body: object) => ledger.call('POST', path, { body });
    await pay(`${account}/grants`, { amount: '10', kind: 'paid', reason: 'plans' });
    ledger.forget();
    const charge = await pay(`${account}/charges`, { amount: '5', operation: 'plans' });
    await pay(`/v1/charges/${String(charge['uid'])}/reversals`, { amount: '5', reason: 'plans' });
    const costs = await ledger.costsOfSent();
    expect(costs.filter(({ sql }) => sql.includes('key_hash = ANY')).length).toBeGreaterThan(0);
    expect(costs.filter(({ sql }) => sql.includes('e.reverses = $1')).length).toBeGreaterThan(0);
    expect(costs.filter((cost) => ledger.isBad(cost))).toEqual([]);
  });

  it('the test would notice a list that reads everything', async () => {
    const costs = await costsOf(ledger.client, {
      sql: `SELECT * FROM read_model.tokens WHERE description = $1`,
      parameters: ['x'],
    });
    expect(costs.scanned).toEqual(['tokens']);
    expect(costs.rowsRead).toBeGreaterThan(ROWS_READ_MAX);
  });
});
