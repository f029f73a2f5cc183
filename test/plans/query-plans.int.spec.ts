import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { AbstractLogger, type LogMessage } from 'typeorm';
import { readSettings } from '#libs/config';
import { createTestDatabase, type TestDatabase } from '#libs/postgres/testing';
import { type RunningServer, startServer } from '../../apps/server/src/server.js';
import { fillTables, OWNER, TOKEN } from './large-tables.js';
import { costsOf, type PlanCosts, type SentQuery } from './plan-reader.js';

const PATIENCE_MS = 240_000;
/** A page holds 50 rows. The rare ones of a filter may all be read and sorted, but not a large part of the table. */
const ROWS_READ_MAX = 3_000;
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
const SORTS = ['createdAt', '-createdAt', 'name', '-name', 'expiresAt', '-expiresAt'];

const isBad = ({ scanned, rowsRead }: PlanCosts): boolean =>
  rowsRead > ROWS_READ_MAX || scanned.some((table) => LARGE.includes(table));

/** Keeps what TypeORM sends. */
class SentQueries extends AbstractLogger {
  readonly sent: SentQuery[] = [];

  constructor() {
    super(['query']);
  }

  override logQuery(sql: string, parameters: readonly unknown[] = []): void {
    this.sent.push({ sql, parameters });
  }

  protected writeLog(_level: string, _message: LogMessage | string | number | (LogMessage | string | number)[]): void {
    // Only queries are of interest, and those are kept above.
  }
}

describe('lists of a large ledger', () => {
  let database: TestDatabase;
  let dataDir: string;
  let server: RunningServer;
  let client: pg.Client;
  const log = new SentQueries();
  const secrets = { admin: '', member: '' };
  const uids = { organization: '', user: '' };

  beforeAll(async () => {
    database = await createTestDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'token-ledger-plans-'));
    const settings = readSettings({
      PORT: '0',
      DATABASE_URL: database.connectionString,
      TOKEN_LEDGER_DATA_DIR: dataDir,
      TOKEN_LEDGER_JOBS: 'false',
      LOG_LEVEL: 'fatal',
    });
    server = await startServer(settings, { demo: false, announce: false });
    client = new pg.Client({ connectionString: database.connectionString });
    await client.connect();
    secrets.admin = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
    uids.organization = (await call('POST', '/v1/organizations', { handle: 'plans' }))['uid'] as string;
    uids.user = (await call('POST', '/v1/users', { handle: 'planner', email: 'p@example.com' }))['uid'] as string;
    await call('PUT', `/v1/organizations/${uids.organization}/members/${uids.user}`, { role: 'admin' });
    const personal = { type: 'personal', name: 'p', owner: { user: uids.user }, access: { operations: true } };
    secrets.member = (await call('POST', '/v1/tokens', personal))['secret'] as string;
    await fillTables(client, uids.organization);
    server.services.store.dataSource.setOptions({ logger: log });
  }, PATIENCE_MS);
  afterAll(async () => {
    await client.end();
    await server.shutdown.run();
    await database.drop();
    await rm(dataDir, { recursive: true });
  });

  async function call(method: string, path: string, body?: object, secret = secrets.admin) {
    const response = await fetch(server.address + path, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        'idempotency-key': randomUUID(),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** What the first two pages of a list cost, statement by statement; of statements on tables that stay small nothing. */
  async function costsOfList(path: string, secret = secrets.admin): Promise<PlanCosts[]> {
    log.sent.length = 0;
    const { nextCursor } = await call('GET', path, undefined, secret);
    const joiner = path.includes('?') ? '&' : '?';
    if (typeof nextCursor === 'string') {
      await call('GET', `${path}${joiner}cursor=${nextCursor}`, undefined, secret);
    }
    return costsOfSent();
  }

  async function costsOfSent(): Promise<PlanCosts[]> {
    const sent = log.sent.filter(({ sql }) => LARGE.some((table) => new RegExp(`\\b${table}\\b`).test(sql)));
    const costs: PlanCosts[] = [];
    for (const query of [...sent]) costs.push(await costsOf(client, query));
    return costs;
  }

  async function expectIndexed(path: string, secret?: string): Promise<void> {
    const costs = await costsOfList(path, secret);
    expect({ path, statements: costs.length > 0 }).toEqual({ path, statements: true });
    expect({ path, bad: costs.filter(isBad) }).toEqual({ path, bad: [] });
  }

  it.each(FILTERS)('tokens with "%s" are found by an index, in every order', async (filter) => {
    for (const sort of SORTS) await expectIndexed(`/v1/tokens?${filter}${filter === '' ? '' : '&'}sort=${sort}`);
  });

  it.each(FILTERS)('tokens with "%s" that somebody may see are found by an index', async (filter) => {
    for (const sort of SORTS) {
      await expectIndexed(`/v1/tokens?${filter}${filter === '' ? '' : '&'}sort=${sort}`, secrets.member);
    }
  });

  it('users, organizations and members are found by an index, whoever asks', async () => {
    for (const secret of [secrets.admin, secrets.member]) {
      await expectIndexed('/v1/users', secret);
      await expectIndexed('/v1/organizations', secret);
      await expectIndexed(`/v1/organizations/${uids.organization}/members`, secret);
      await expectIndexed(`/v1/users/${uids.user}`, secret);
      await expectIndexed('/v1/users/planner', secret);
      await expectIndexed(`/v1/organizations/${uids.organization}`, secret);
    }
  });

  it('the use of a token is found by an index, by hour and by day', async () => {
    await expectIndexed(`/v1/tokens/${TOKEN}/usage?by=day`);
    await expectIndexed(`/v1/tokens/${TOKEN}/usage?by=hour`);
  });

  it('feeds of charges read the log and no table that grows, of one account and of all organizations', async () => {
    expect(await costsOfList(`/v1/organizations/${uids.organization}/charges?limit=50`)).toEqual([]);
    expect(await costsOfList('/v1/charges?limit=50')).toEqual([]);
  });

  it('charges are found by an index, by their keys and by their uids', async () => {
    const account = `/v1/accounts/${uids.organization}`;
    await call('POST', `${account}/grants`, { amount: '10', kind: 'paid', reason: 'plans' });
    log.sent.length = 0;
    const charge = await call('POST', `${account}/charges`, { amount: '5', operation: 'plans' });
    await call('POST', `/v1/charges/${String(charge['uid'])}/reversals`, { amount: '5', reason: 'plans' });
    const costs = await costsOfSent();
    expect(costs.filter(({ sql }) => sql.includes('key_hash = ANY')).length).toBeGreaterThan(0);
    expect(costs.filter(({ sql }) => sql.includes('e.reverses = $1')).length).toBeGreaterThan(0);
    expect(costs.filter(isBad)).toEqual([]);
  });

  it('the test would notice a list that reads everything', async () => {
    const costs = await costsOf(client, {
      sql: `SELECT * FROM read_model.tokens WHERE description = $1`,
      parameters: ['x'],
    });
    expect(costs.scanned).toEqual(['tokens']);
    expect(costs.rowsRead).toBeGreaterThan(ROWS_READ_MAX);
  });
});
