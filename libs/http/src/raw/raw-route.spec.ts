import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuse } from '#libs/contracts';
import { BULK_BODY_LIMIT_BYTES } from '../application/fastify-options.js';
import { principalOf } from '../requests/request-state.js';
import { startTestApplication, type TestApplication, testPrincipal } from '../testing/index.js';
import { NOT_ANSWERED, rawRoute } from './raw-route.js';

interface Use {
  token: string;
  cost?: string;
}

const USE = {
  type: 'object',
  additionalProperties: false,
  required: ['token'],
  properties: { token: { type: 'string' }, cost: { type: 'string', pattern: '^[0-9]+$' } },
};

const use = rawRoute<Use>({
  method: 'POST',
  path: '/v1/use',
  summary: 'Uses a token',
  tag: 'Test',
  requires: 'tokens:verify',
  quiet: true,
  body: USE,
  answers: { 200: { description: 'Used.', schema: { type: 'object', properties: { used: { type: 'string' } } } } },
  handler: async (request) => {
    if (request.body.token === 'broken') throw new Error('a mistake');
    if (request.body.token === 'refused') throw refuse('insufficient_credits');
    return { used: request.body.token, by: principalOf(request)?.actor.uid, hidden: 'not in the schema' };
  },
});

const batch = rawRoute<{ items: Use[] }>({
  method: 'POST',
  path: '/v1/use/batch',
  summary: 'Uses many',
  tag: 'Test',
  requires: 'tokens:verify',
  bodyLimitBytes: BULK_BODY_LIMIT_BYTES,
  body: {
    type: 'object',
    additionalProperties: false,
    required: ['items'],
    properties: { items: { type: 'array', items: USE } },
  },
  answers: { 200: { description: 'Used.' } },
  handler: ({ body }) => ({ count: body.items.length }),
});

const form = rawRoute<Record<string, string>>({
  method: 'POST',
  path: '/oauth2/sample',
  summary: 'Takes a form',
  tag: 'Test',
  requires: 'public',
  bodyKind: 'form',
  answers: { 200: { description: 'The form.' } },
  handler: ({ body }) => body,
});

const bytes = rawRoute<Buffer>({
  method: ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'],
  path: '/v1/bytes/:name',
  summary: 'Takes anything',
  tag: 'Test',
  requires: 'public',
  bodyKind: 'bytes',
  answers: { 200: { description: 'Its length.' } },
  handler: ({ body }) => ({ length: Buffer.isBuffer(body) ? body.length : null }),
});

/** Answers at once whatever is not `later`. */
const quick = rawRoute<Use>({
  method: 'POST',
  path: '/v1/quick',
  summary: 'Uses a token at once',
  tag: 'Test',
  requires: 'tokens:verify',
  body: USE,
  answers: { 200: { description: 'Used.' } },
  answerAtOnce: async ({ body }) => (body.token === 'later' ? NOT_ANSWERED : { atOnce: body.token }),
  handler: ({ body }) => ({ confirmed: body.token }),
});

const search = rawRoute<unknown, { limit?: string }>({
  method: 'GET',
  path: '/v1/search',
  summary: 'Searches',
  tag: 'Test',
  requires: 'any',
  query: {
    type: 'object',
    additionalProperties: false,
    properties: { limit: { type: 'string', pattern: '^[0-9]+$' } },
  },
  answers: { 200: { description: 'Found.' } },
  handler: ({ query }) => query,
});

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication({
    rawRoutes: [use, batch, form, bytes, quick, search],
    callers: new Map([
      ['good', testPrincipal()],
      ['known-good', testPrincipal()],
      ['known-reader', testPrincipal({}, { scopes: ['tokens:read'] })],
      ['reader', testPrincipal({}, { scopes: ['tokens:read'] })],
    ]),
  });
});
afterAll(() => application.close());

const post = (url: string, payload: object | string, headers: object = { authorization: 'Bearer good' }) =>
  application.inject({ method: 'POST', url, payload, headers: { ...headers } });

describe('a raw route', () => {
  it('answers what its handler returns, as its schema says', async () => {
    const answer = await post('/v1/use', { token: 'a', cost: '3' });
    expect([answer.statusCode, answer.json()]).toEqual([200, { used: 'a' }]);
    expect(answer.headers['x-request-id']).toMatch(/^req_/);
  });

  it('401 and 403: asks for the credential before it looks at the body', async () => {
    const nobody = await post('/v1/use', { bogus: 1 }, {});
    expect([nobody.statusCode, nobody.json<{ code: string }>().code]).toEqual([401, 'missing_token']);
    expect(nobody.headers['www-authenticate']).toBe('Bearer realm="token-ledger"');
    const reader = await post('/v1/use', { bogus: 1 }, { authorization: 'Bearer reader' });
    expect([reader.statusCode, reader.json<{ code: string }>().code]).toEqual([403, 'insufficient_scope']);
  });

  it.each([
    ['an unknown field', { token: 'a', bogus: 1 }, 'unknown_field', ['bogus']],
    ['a missing field', {}, 'validation_failed', ['token']],
    ['a number, which is not turned into text', { token: 5 }, 'validation_failed', ['token']],
    ['null, which is not turned into text', { token: null }, 'validation_failed', ['token']],
    ['several bad fields at once', { cost: 'x' }, 'validation_failed', ['cost', 'token']],
  ])('400: %s, by name', async (_what, payload, code, fields) => {
    const answer = await post('/v1/use', payload);
    const problem = answer.json<{ code: string; errors: { field: string }[] }>();
    expect([answer.statusCode, problem.code]).toEqual([400, code]);
    expect(problem.errors.map(({ field }) => field).sort()).toEqual(fields);
  });

  it('400: names a field deep inside', async () => {
    const answer = await post('/v1/use/batch', { items: [{ token: 'a' }, { token: 'b', cost: 3 }] });
    expect(answer.json()).toMatchObject({ errors: [{ field: 'items[1].cost' }] });
  });

  it('400: checks its query', async () => {
    const get = (url: string) => application.inject({ method: 'GET', url, headers: { authorization: 'Bearer good' } });
    expect((await get('/v1/search?limit=5')).json()).toEqual({ limit: '5' });
    expect((await get('/v1/search?limit=x')).json()).toMatchObject({ errors: [{ field: 'limit' }] });
    expect((await get('/v1/search?bogus=x')).json()).toMatchObject({ code: 'unknown_field' });
  });

  it('402 and 500: maps what its handler throws', async () => {
    const refused = await post('/v1/use', { token: 'refused' });
    expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([402, 'insufficient_credits']);
    const broken = await post('/v1/use', { token: 'broken' });
    expect([broken.statusCode, broken.json<{ code: string }>().code]).toEqual([500, 'internal_error']);
  });

  it('413: has a limit of its own where it takes bulk', async () => {
    const items = Array.from({ length: 20_000 }, () => ({ token: 'x'.repeat(20) }));
    expect((await post('/v1/use/batch', { items })).json()).toEqual({ count: 20_000 });
    const more = Array.from({ length: 80_000 }, () => ({ token: 'x'.repeat(20) }));
    expect((await post('/v1/use/batch', { items: more })).statusCode).toBe(413);
  });

  it('writes no request line at info when it is quiet', async () => {
    await post('/v1/use', { token: 'a' }, { authorization: 'Bearer good', 'x-request-id': 'quiet-1' });
    expect(application.lines.filter(({ reqId }) => reqId === 'quiet-1')).toEqual([]);
  });
});

describe('a raw route that answers at once', () => {
  const send = async (caller: string, payload: object) => {
    const before = application.authenticator.presented.length;
    const answer = await post('/v1/quick', payload, { authorization: `Bearer ${caller}` });
    return {
      status: answer.statusCode,
      body: answer.json(),
      asked: application.authenticator.presented.length - before,
    };
  };

  it('answers a caller who is recognised, and asks for nobody to be authenticated', async () => {
    expect(await send('known-good', { token: 'a' })).toEqual({ status: 200, body: { atOnce: 'a' }, asked: 0 });
  });

  it('authenticates the caller, and asks the handler, where it has not answered or the caller is not recognised', async () => {
    expect(await send('known-good', { token: 'later' })).toEqual({
      status: 200,
      body: { confirmed: 'later' },
      asked: 1,
    });
    expect(await send('good', { token: 'a' })).toEqual({ status: 200, body: { confirmed: 'a' }, asked: 1 });
  });

  it('refuses only callers who were authenticated: for their scope, and for their body', async () => {
    expect(await send('known-reader', { token: 'a' })).toMatchObject({ status: 403, asked: 1 });
    expect(await send('known-good', { bogus: 1 })).toMatchObject({ status: 400, asked: 1 });
    expect(await send('known-nobody', { token: 'a' })).toMatchObject({ status: 401, asked: 1 });
  });
});

describe('a raw route that takes a form', () => {
  const send = (payload: string, type = 'application/x-www-form-urlencoded') =>
    post('/oauth2/sample', payload, { 'content-type': type });

  it('gets its fields', async () => {
    expect((await send('token=a+b%2Bc&hint=')).json()).toEqual({ token: 'a b+c', hint: '' });
  });

  it.each(['a=1&a=2', 'a=%', '__proto__=x'])('400: %s', async (payload) => {
    expect((await send(payload)).statusCode).toBe(400);
  });

  it('415: JSON', async () => {
    expect((await send('{}', 'application/json')).statusCode).toBe(415);
  });
});

describe('a raw route that takes bytes', () => {
  it('gets them whatever their type is', async () => {
    for (const type of ['application/json', 'image/png', 'application/x-www-form-urlencoded']) {
      const answer = await post('/v1/bytes/a', '{"half', { 'content-type': type });
      expect(answer.json()).toEqual({ length: 6 });
    }
  });

  it('stands under each of its methods', async () => {
    const put = await application.inject({ method: 'PUT', url: '/v1/bytes/a', payload: Buffer.from('abc') });
    expect(put.json()).toEqual({ length: 3 });
    expect((await application.inject({ method: 'GET', url: '/v1/bytes/a' })).json()).toEqual({ length: null });
    const patch = await application.inject({ method: 'PATCH', url: '/v1/bytes/a' });
    expect([patch.statusCode, patch.headers['allow']]).toEqual([405, 'GET, HEAD, OPTIONS, POST, PUT']);
  });
});
