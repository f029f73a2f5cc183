import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

const UID = '0'.repeat(26);
/** Calls that a token is presented to. */
const TAKES_TOKENS = /^\/v1\/(verify|authorize)/;

describe('a token string in a body', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  it('P12: is refused by every call that has a body, by the name of its field, and nothing is recorded', async () => {
    const { token, secret } = await scenario.personalToken((await scenario.user()).uid);
    const { paths }: Loose = expectStatus(await scenario.admin.get('/openapi.json'), 200);
    const calls = Object.entries<Loose>(paths).flatMap(([path, methods]) =>
      Object.entries<Loose>(methods)
        .filter(([, { requestBody }]) => requestBody !== undefined && !TAKES_TOKENS.test(path))
        .map(([method]) => ({ method: method.toUpperCase(), path: path.replaceAll(/\{\w+\}/g, `tok_${UID}`) })),
    );
    expect(calls.length).toBeGreaterThan(15);
    for (const { method, path } of calls) {
      const headers = { 'idempotency-key': randomUUID() };
      const reply = await scenario.admin.call(method, path, { body: { reason: `see ${secret}` }, headers });
      expect([method, path, reply.status, reply.body.code]).toEqual([method, path, 400, 'secret_in_request']);
      expect(reply.body.errors).toMatchObject([{ field: 'reason' }]);
      expect(reply.text).not.toContain(secret.slice(21));
    }
    const log = await scenario.admin.get('/v1/audit/export?format=ndjson');
    expect(log.text).toContain(token.uid);
    expect(log.text).not.toContain(secret.slice(21));
  });

  it('P12: or in the request id, is in no answer', async () => {
    const { secret } = await scenario.personalToken((await scenario.user()).uid);
    const reply = await scenario.admin.get('/v1/me', { headers: { 'x-request-id': secret } });
    expect(expectStatus(reply, 200)).toBeDefined();
    expect(reply.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('P12: or in the user agent, is cut to its prefix where that is recorded', async () => {
    const { token, secret } = await scenario.personalToken((await scenario.user()).uid);
    const headers = { 'user-agent': `${secret} harbor_cli/2 ${secret}` };
    const shown = `${secret.slice(0, 12)} harbor_cli/2 ${secret.slice(0, 12)}`;
    const renamed = { body: { name: 'renamed' }, headers };
    expectStatus(await scenario.admin.call('PATCH', `/v1/tokens/${token.uid}`, renamed), 200);
    const gateway = { ...headers, authorization: `Bearer ${secret}` };
    expectStatus(await scenario.admin.get('/v1/authorize', { headers: gateway }), 200);
    const entries = await scenario.entries(`token=${token.uid}&order=asc`);
    expect(entries.map(({ action, userAgent }) => [action, userAgent]).slice(1)).toEqual([
      ['TokenUpdated', shown],
      ['TokenUsed', shown],
    ]);
  });
});
