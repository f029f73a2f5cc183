import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LedgerClient, Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

const ERROR_LINE = /"level":"(?:error|fatal)"/;

describe('what the audit log promises', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  let auditor: LedgerClient;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
    const { uid } = await scenario.user('auditor');
    expectStatus(await scenario.admin.put(`/v1/users/${uid}/roles`, { roles: ['auditor'] }), 200);
    auditor = ledger.client((await scenario.personalToken(uid)).secret);
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  const linesOf = (text: string): Loose[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  const exported = async (query = '', client = scenario.admin): Promise<Loose[]> =>
    linesOf((await client.get(`/v1/audit/export?${query}`)).text);
  const listed = async (query: string, client: LedgerClient): Promise<Loose[]> =>
    expectStatus(await client.get(`/v1/audit/entries?${query}`), 200).data;

  it('U3: what happened to an admin token is shown to admins alone; what was done with one, to auditors too', async () => {
    const body = { type: 'admin', name: 'second', access: { operations: true } };
    const { token, secret } = expectStatus(await scenario.admin.post('/v1/tokens', body), 201);
    const second = new Scenario(ledger.client(secret));
    const user = await second.user('made');
    expect(await scenario.verify(secret)).toMatchObject({ valid: true });
    expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, { reason: 'rotated' }), 200);
    expect(await scenario.verify(secret)).toMatchObject({ valid: false });
    expect((await auditor.get(`/v1/tokens/${token.uid}`)).status).toBe(404);

    const actionsOf = (entries: Loose[]) => [...new Set(entries.map(({ action }) => action))].sort();
    const all = ['TokenCreated', 'TokenRevoked', 'TokenSeen', 'TokenUseDenied', 'TokenUsed'];
    expect(actionsOf(await listed(`token=${token.uid}`, scenario.admin))).toEqual(all);
    expect(actionsOf(await exported(`token=${token.uid}`))).toEqual(all);
    for (const read of [listed, exported]) {
      expect(await read(`token=${token.uid}`, auditor)).toEqual([]);
      expect(await read(`q=${token.uid}`, auditor)).toEqual([]);
      const shown = await read('', auditor);
      expect(shown.filter(({ target }) => target?.uid === token.uid)).toEqual([]);
      const made = await read(`actor=${token.uid}&action=UserCreated`, auditor);
      expect(made).toMatchObject([
        { actor: { type: 'token', uid: token.uid }, target: { type: 'user', uid: user.uid } },
      ]);
    }
  });

  it('E4: an export has the order of the list, newest first, and goes the other way when asked to', async () => {
    const positions = async (query: string) => (await exported(query)).map(({ position }) => Number(position));
    const filter = 'action=TokenCreated';
    const newestFirst = (await listed(filter, scenario.admin)).map(({ position }) => Number(position));
    expect(newestFirst.length).toBeGreaterThan(2);
    expect(await positions(filter)).toEqual(newestFirst);
    expect(await positions(`${filter}&order=desc`)).toEqual(newestFirst);
    expect(await positions(`${filter}&order=asc`)).toEqual([...newestFirst].reverse());
  });

  it('E4: HEAD of an export answers its headers, and exports and records nothing', async () => {
    const before = await scenario.entries('action=AuditLogExported');
    for (const [format, type] of [
      ['csv', /^text\/csv/],
      ['ndjson', /^application\/x-ndjson/],
    ] as const) {
      const reply = await scenario.admin.call('HEAD', `/v1/audit/export?format=${format}`);
      expect([reply.status, reply.text, reply.headers.get('content-length')]).toEqual([200, '', null]);
      expect(reply.headers.get('content-type')).toMatch(type);
      expect(reply.headers.get('content-disposition')).toBe(`attachment; filename="audit-log.${format}"`);
    }
    expect((await scenario.admin.call('HEAD', '/v1/audit/export?format=pdf')).status).toBe(400);
    expect((await ledger.client(null).call('HEAD', '/v1/audit/export')).status).toBe(401);
    const { secret } = await scenario.organizationToken((await scenario.organization()).uid, { scopes: ['tokens:*'] });
    expect((await ledger.client(secret).call('HEAD', '/v1/audit/export')).status).toBe(403);
    expect(await scenario.entries('action=AuditLogExported')).toEqual(before);
    expect(errorLines()).toEqual([]);
  });

  it('E4: an export whose receiver goes away is no error, and harms nobody', async () => {
    const { secret } = await scenario.personalToken((await scenario.user()).uid);
    const items = Array.from({ length: 1_000 }, () => ({ token: secret }));
    for (let batch = 0; batch < 8; batch += 1) {
      expectStatus(await scenario.admin.post('/v1/verify/batch', { items }), 200);
    }
    const headers = { authorization: `Bearer ${ledger.adminToken}`, te: 'trailers' };
    for (const format of ['ndjson', 'csv']) {
      for (const when of ['response', 'data'] as const) {
        const call = request(`${ledger.url}/v1/audit/export?format=${format}`, { headers }).end();
        call.on('error', () => undefined);
        const [response] = await once(call, 'response');
        response.on('error', () => undefined);
        if (when === 'data') await once(response, 'data');
        call.destroy();
        await once(call, 'close');
      }
    }
    expect((await exported()).length).toBeGreaterThan(8_000);
    expect(errorLines()).toEqual([]);
  });

  it('E4: an entry shows an address or none, whatever the caller of a check called one', async () => {
    const { uid } = await scenario.user();
    const { token, secret } = await scenario.personalToken(uid);
    for (const ip of ['zzz', 'unknown', '203.0.113.9:443']) await scenario.verify(secret, { ip });
    await scenario.verify(secret, { ip: '2001:db8::9' });
    const filter = `token=${token.uid}&action=TokenUsed`;
    for (const entries of [await listed(filter, scenario.admin), await exported(filter)]) {
      expect(entries.map(({ ip }) => ip)).toEqual(['2001:db8::9', null, null, null]);
    }
    expect(await listed(`${filter}&ip=2001:db8::9`, scenario.admin)).toHaveLength(1);
    expect((await scenario.admin.get(`/v1/audit/entries?${filter}&ip=unknown`)).status).toBe(400);
  });

  it('E4: changes have one shape, before and after of each field', async () => {
    const [{ uid }, organization] = [await scenario.user(), await scenario.organization()];
    const { token } = await scenario.personalToken(uid);
    await scenario.member(organization.uid, uid);
    await scenario.member(organization.uid, uid, 'billing');
    expectStatus(await scenario.admin.put(`/v1/users/${uid}/roles`, { roles: ['auditor'] }), 200);
    expectStatus(await scenario.admin.patch(`/v1/accounts/${organization.uid}`, { limit: '7' }), 200);
    expectStatus(await scenario.admin.patch(`/v1/tokens/${token.uid}`, { name: 'other' }), 200);
    for (const [action, about, changes] of [
      ['TokenUpdated', `token=${token.uid}`, { name: { before: 'test', after: 'other' } }],
      ['InstanceRolesChanged', `q=${uid}`, { roles: { before: [], after: ['auditor'] } }],
      ['MemberRoleChanged', `organization=${organization.uid}`, { role: { before: 'developer', after: 'billing' } }],
      ['AccountModeChanged', `organization=${organization.uid}`, { limit: { before: '0', after: '7' } }],
    ] as const) {
      const filter = `action=${action}&${about}`;
      expect(await listed(filter, scenario.admin)).toMatchObject([{ action, changes }]);
      expect(await exported(filter)).toMatchObject([{ action, changes }]);
    }
  });

  it('E4: a filter without a value is refused by its name, in the list and in the export', async () => {
    for (const field of ['actor', 'action', 'token', 'organization', 'ip', 'outcome', 'from', 'to', 'order']) {
      for (const path of ['entries', 'export']) {
        const { code, errors } = expectStatus(await scenario.admin.get(`/v1/audit/${path}?${field}=`), 400);
        expect([code, errors[0].field]).toEqual(['validation_failed', field]);
      }
    }
  });

  it('E4: a cursor goes on with the list that it is of, and is refused with another', async () => {
    const query = 'action=TokenCreated&limit=1';
    const { data, nextCursor } = expectStatus(await scenario.admin.get(`/v1/audit/entries?${query}`), 200);
    const next = (filter: string) => scenario.admin.get(`/v1/audit/entries?${filter}&cursor=${nextCursor}`);
    const following = expectStatus(await next('limit=2&order=desc&action=TokenCreated'), 200).data;
    expect(following).toHaveLength(2);
    expect(Number(following[0].position)).toBeLessThan(Number(data[0].position));
    for (const other of ['', 'action=TokenUsed', `${query}&order=asc`, `${query}&q=x`, `${query}&to=2100-01-01`]) {
      expect(expectStatus(await next(other), 400).code).toBe('invalid_cursor');
    }
  });

  function errorLines(): string[] {
    expect(ledger.output).toContain('"level":"info"');
    return ledger.output.split('\n').filter((line) => ERROR_LINE.test(line));
  }
});
