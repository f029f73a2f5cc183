import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Loose, Reply } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';
import { type Operation, operationsOf, requestFor } from './support/openapi-requests.js';

const REQUESTS_MIN = 2_000;

describe('bad input', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  let operations: Operation[];
  let codes: Set<string>;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
    const openapi = expectStatus(await ledger.client(null).get('/openapi.json'), 200);
    operations = operationsOf(openapi);
    codes = new Set(openapi.components.schemas.Problem.properties.code.enum);
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  function isRefusal(reply: Reply, method: string): boolean {
    // The answer to HEAD has no body to look at.
    if (method === 'HEAD') return reply.text === '';
    return (
      /^application\/problem\+json/.test(reply.headers.get('content-type') ?? '') &&
      codes.has(reply.body.code) &&
      reply.body.status === reply.status
    );
  }

  function acceptable(reply: Reply, method: string): boolean {
    if (reply.status === 503) return reply.headers.get('retry-after') !== null;
    return reply.status < 400 || (reply.status < 500 && isRefusal(reply, method));
  }

  it('no generated request to any operation brings a 5xx, and every refusal is a problem of the catalogue', async () => {
    expect(operations.length).toBeGreaterThan(40);
    const perOperation = Math.ceil(REQUESTS_MIN / operations.length) + 1;
    let sent = 0;
    for (const operation of operations) {
      await fc.assert(
        fc.asyncProperty(requestFor(operation), async (request) => {
          sent += 1;
          const reply = await scenario.admin.call(operation.method, request.path, request.options);
          if (!acceptable(reply, operation.method))
            throw new Error(`${operation.method} ${request.path}: ${reply.status} ${reply.text}`);
        }),
        { numRuns: perOperation, seed: 4711, interruptAfterTimeLimit: 120_000, markInterruptAsFailure: true },
      );
    }
    expect(sent).toBeGreaterThanOrEqual(REQUESTS_MIN);
    expectStatus(await ledger.client(null).get('/health/ready'), 200);
  }, 600_000);

  const broken: [string, string | Uint8Array, number, string][] = [
    ['cut JSON', '{"name": "x', 400, 'invalid_json'],
    ['no JSON at all', 'name=x', 400, 'invalid_json'],
    ['bytes that are not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid_json'],
    ['a NUL in a string', '{"name": "a\\u0000b"}', 400, 'invalid_json'],
    ['half a surrogate pair', '{"name": "a\\ud800b"}', 400, 'invalid_json'],
    ['half a surrogate pair in a key', '{"a\\udc00": 1}', 400, 'invalid_json'],
    ['an array', '[]', 400, 'validation_failed'],
    ['a number too large for anything', '{"name": 1e400}', 400, 'validation_failed'],
    ['an unknown field', '{"nonsense": 1}', 400, 'unknown_field'],
    ['a body over the bound', `{"name": "${'x'.repeat(300_000)}"}`, 413, 'body_too_large'],
  ];

  it.each(broken)('%s is refused by every call that takes a body', async (_name, raw, status, code) => {
    const withBody = operations.filter((operation) => operation.body !== null && !operation.path.includes('/batch'));
    expect(withBody.length).toBeGreaterThan(15);
    for (const operation of withBody) {
      const path = operation.path.replace(/\{[^}]+\}/g, `usr_${'0'.repeat(26)}`);
      const reply = await scenario.admin.call(operation.method, path, {
        raw,
        headers: { 'idempotency-key': 'bad-input' },
      });
      const what = `${operation.method} ${path}: ${reply.status} ${reply.text}`;
      const isHidden = reply.status === 404 && code.endsWith('_field');
      if (!isHidden && (reply.status !== status || reply.body.code !== code)) throw new Error(what);
    }
  });

  it('a malformed address, an unknown path, a wrong method and a wrong media type have a code each', async () => {
    const cases: [string, string, number, string][] = [
      ['GET', '/v1/tokens/%', 400, 'invalid_request'],
      ['GET', '/v1/tokens/a%00b', 400, 'invalid_request'],
      ['GET', '/v1/nowhere', 404, 'not_found'],
      ['GET', '/v1/tokens?limit=0', 400, 'validation_failed'],
      ['GET', '/v1/tokens?limit=ten', 400, 'validation_failed'],
      ['GET', '/v1/tokens?limit=1e1', 400, 'validation_failed'],
      ['GET', '/v1/charges?limit=%2B5', 400, 'validation_failed'],
      ['GET', '/v1/charges?wait=05', 400, 'validation_failed'],
      ['GET', '/v1/tokens?nonsense=1', 400, 'unknown_field'],
      ['GET', '/v1/tokens?cursor=zzz', 400, 'invalid_cursor'],
      ['GET', `/v1/tokens/tok_${'0'.repeat(26)}`, 404, 'not_found'],
    ];
    for (const [method, path, status, code] of cases) {
      expect(expectStatus(await scenario.admin.call(method, path), status).code).toBe(code);
    }
    const media = await scenario.admin.call('POST', '/v1/users', {
      raw: 'x',
      headers: { 'content-type': 'text/plain' },
    });
    expect(expectStatus(media, 415).code).toBe('unsupported_media_type');
  });

  it('a query field that a call does not know is refused by name, by every call but those that stay open', async () => {
    const open = /^\/(?:health|healthz|v1\/authorize)(?:\/|$)/;
    for (const { method, path } of operations.filter((operation) => !open.test(operation.path))) {
      const address = `${path.replace(/\{[^}]+\}/g, `usr_${'0'.repeat(26)}`)}?nonsense=1`;
      const headers = { 'idempotency-key': 'unknown-query' };
      const reply = await scenario.admin.call(method, address, method === 'GET' ? { headers } : { headers, body: {} });
      const isNamed = reply.body.errors?.some((error: Loose) => error.field === 'nonsense');
      // Of several faults the body's may be told first.
      const isOther = reply.body.code === 'validation_failed' && !isNamed && method !== 'GET';
      if (reply.status !== 400 || !(isNamed || isOther)) throw new Error(`${method} ${address}: ${reply.text}`);
    }
    for (const path of ['/health/live', '/health/ready']) {
      expectStatus(await ledger.client(null).get(`${path}?nonsense=1`), 200);
    }
  });

  it('a body field is refused by calls that take no body', async () => {
    for (const path of ['/v1/jobs/expire-tokens/run', '/v1/projections/tokens/rebuild']) {
      const reply = await scenario.admin.post(path, { nonsense: 1 });
      expect(expectStatus(reply, 400)).toMatchObject({ code: 'unknown_field', errors: [{ field: 'nonsense' }] });
    }
  });

  it('a position that cannot be parsed or lies beyond the head is 400', async () => {
    for (const position of ['x', '-1', '1.5', '99999999999', '9'.repeat(40)]) {
      const reply = await scenario.admin.get('/v1/tokens', { headers: { 'ledger-min-position': position } });
      expect(expectStatus(reply, 400).code).toBe('invalid_position');
    }
  });

  it('amounts are integer strings and nothing else', async () => {
    const organization = await scenario.organization();
    const bad: Loose[] = [1, '1.0', '-1', '01', '', ' 1', '1e3', '1'.repeat(16), null, [], {}, true];
    for (const amount of bad) {
      const body = { amount, kind: 'paid', reason: 'r' };
      const reply = await scenario.admin.post(`/v1/accounts/${organization.uid}/grants`, body, {
        'idempotency-key': 'k',
      });
      expect(expectStatus(reply, 400).code).toBe('validation_failed');
    }
    const { secret } = await scenario.organizationToken(organization.uid);
    for (const cost of bad.filter((value) => value !== null)) {
      const reply = await scenario.admin.post('/v1/verify', { token: secret, cost });
      expect(expectStatus(reply, 400).code).toBe('validation_failed');
    }
  });
});
