import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuse, refuseField } from '#libs/contracts';
import { LogUnavailable, RevisionConflict } from '#libs/event-log';
import { Public, Requires } from '../authentication/access.js';
import { startTestApplication, type TestApplication, testPrincipal } from '../testing/index.js';

const SECRET = `tlp_abcdefgh12345678_${'S'.repeat(49)}`;
const CALLERS = new Map([['good', testPrincipal()]]);
const GOOD = { authorization: 'Bearer good' };

@Controller('v1/faults')
@Public()
class FaultController {
  @Get('mistake')
  mistake(): never {
    throw new Error(`a mistake that knows ${SECRET}`);
  }

  @Get('refused')
  refused(): never {
    throw refuse('token_limit_reached', {
      detail: `too many, like ${SECRET}`,
      extra: { candidates: ['tok_1'], code: 'x' },
    });
  }

  @Get('field')
  field(@Query('limit') _limit?: string): never {
    throw refuseField('handle', 'is in use', 'handle_taken');
  }

  @Get('conflict')
  conflict(): never {
    throw new RevisionConflict('token-1', 0n, 3n);
  }

  @Get('away')
  away(): never {
    throw new LogUnavailable('host db.internal does not answer');
  }

  @Get('database')
  database(): never {
    throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED', syscall: 'connect' });
  }

  @Post('echo')
  @Requires('tokens:write')
  echo(@Body() body: object): object {
    return body;
  }

  @Get('things/:uid')
  thing(@Param('uid') uid: string): object {
    return { uid };
  }
}

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication({ controllers: [FaultController], callers: CALLERS });
});
afterAll(() => application.close());

const get = (url: string, headers = {}) => application.inject({ method: 'GET', url, headers });
const post = (payload: string | Buffer, headers = {}) =>
  application.inject({
    method: 'POST',
    url: '/v1/faults/echo',
    payload,
    headers: { ...GOOD, 'content-type': 'application/json', ...headers },
  });

describe('problem documents', () => {
  it('carry every member of RFC 9457, the code, the request id and no query', async () => {
    const answer = await get('/v1/faults/field?limit=1', { 'x-request-id': 'my-request' });
    expect(answer.statusCode).toBe(409);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': 'my-request',
    });
    expect(answer.json()).toEqual({
      type: '/docs/errors#handle_taken',
      title: 'Handle taken',
      status: 409,
      code: 'handle_taken',
      detail: 'handle: is in use',
      instance: '/v1/faults/field',
      requestId: 'my-request',
      errors: [{ field: 'handle', code: 'handle_taken', message: 'is in use' }],
    });
  });

  it('take further members, which never replace their own', async () => {
    const answer = await get('/v1/faults/refused');
    expect(answer.json()).toMatchObject({ code: 'token_limit_reached', candidates: ['tok_1'] });
  });

  it('cut a token string to its prefix', async () => {
    const answer = await get('/v1/faults/refused');
    expect(answer.json()).toMatchObject({ detail: 'too many, like tlp_abcdefgh' });
  });

  it('tell nothing of a mistake of the program, and the log tells all but the secret', async () => {
    const answer = await get('/v1/faults/mistake', { 'x-request-id': 'find-me' });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'internal_error', requestId: 'find-me' });
    expect(answer.body).not.toContain('mistake that knows');
    const line = application.lines.find(({ level, reqId }) => level === 'error' && reqId === 'find-me');
    expect(JSON.stringify(line)).toContain('a mistake that knows tlp_abcdefgh');
    expect(JSON.stringify(application.lines)).not.toContain('SSSS');
  });

  it.each([
    ['/v1/faults/conflict', 503, 'not_ready'],
    ['/v1/faults/away', 503, 'not_ready'],
    ['/v1/faults/database', 503, 'not_ready'],
  ])('%s: an expected failure of a store is %i %s', async (url, status, code) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code });
    expect(answer.body).not.toMatch(/internal|10\.0\.0\.1|token-1/);
    expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
  });
});

describe('requests that no handler sees', () => {
  it('404: an unknown path, without quoting it', async () => {
    const answer = await get('/v1/nothing?secret=1');
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'not_found', instance: '/v1/nothing' });
  });

  it('405: a path that exists for other methods, with those in Allow', async () => {
    const answer = await application.inject({ method: 'DELETE', url: '/v1/faults/things/1' });
    expect(answer.statusCode).toBe(405);
    expect(answer.json()).toMatchObject({ code: 'method_not_allowed' });
    expect(answer.headers['allow']).toBe('GET, HEAD');
  });

  it.each([
    ['/v1/faults/things/%zz', 'invalid_request'],
    ['/v1/faults/things/%00', 'invalid_request'],
    ['/v1/faults/things/%ED%A0%80', 'invalid_request'],
    ['/v1/faults/things/1?a=%zz', 'invalid_request'],
    ['/v1/faults/things/1?a=%00', 'invalid_request'],
    ['/v1/faults/things/1?a=1&a=2', 'validation_failed'],
  ])('400: %s', async (url, code) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code });
    expect(answer.headers['x-request-id']).toMatch(/^req_/);
  });

  it('404: a path segment longer than any name', async () => {
    const answer = await get(`/v1/faults/things/${'a'.repeat(600)}`);
    expect(answer.statusCode).toBe(404);
  });

  it('makes a request id where the client sends none or a bad one', async () => {
    for (const bad of ['', 'two words', 'x'.repeat(129)]) {
      const answer = await get('/v1/nothing', { 'x-request-id': bad });
      expect(answer.headers['x-request-id']).toMatch(/^req_[0-9A-Z]{26}$/);
    }
  });
});

describe('token strings in URLs', () => {
  it('I7: as a credential in the query is 400 malformed_token with the challenge, and is reported', async () => {
    const answer = await get(`/v1/faults/things/1?access_token=${SECRET}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'malformed_token', instance: '/v1/faults/things/1' });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="token-ledger", error="invalid_request"');
    expect(application.sightings.at(-1)).toMatchObject({ secret: { prefix: 'tlp_abcdefgh' }, code: 'malformed_token' });
  });

  it.each([
    `/v1/faults/things/${SECRET}`,
    `/v1/faults/things/1?q=${SECRET}`,
    `/v1/faults/things/${SECRET.replaceAll('_', '%5F')}`,
  ])('U9: elsewhere is 400 secret_in_request, and neither answer nor log shows it: %s', async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'secret_in_request' });
    expect(answer.body).not.toContain('SSSS');
    expect(application.sightings.at(-1)).toMatchObject({
      secret: { prefix: 'tlp_abcdefgh' },
      code: 'secret_in_request',
    });
    expect(JSON.stringify([application.lines, application.sightings])).not.toContain('SSSS');
  });
});

describe('bodies', () => {
  it('without content are {}', async () => {
    for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }]) {
      const answer = await post('', headers);
      expect(answer.json()).toEqual({});
    }
    const bare = await application.inject({ method: 'POST', url: '/v1/faults/echo', headers: GOOD });
    expect(bare.json()).toEqual({});
  });

  it.each([
    ['half JSON', '{"a":', 'invalid_json'],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid_json'],
    ['a NUL', String.raw`{"a":"\u0000"}`, 'invalid_json'],
    ['half a surrogate pair', String.raw`{"a":["\ud800x"]}`, 'invalid_json'],
    ['an array', '[]', 'validation_failed'],
    ['null', 'null', 'validation_failed'],
    ['a prototype', '{"__proto__":{"admin":true}}', 'unknown_field'],
  ])('400: %s', async (_what, payload, code) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code });
  });

  it('413: over the limit', async () => {
    const answer = await post(JSON.stringify({ a: 'x'.repeat(256 * 1024) }));
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ code: 'body_too_large' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'nonsense'])(
    '415: %s',
    async (type) => {
      const answer = await post('{"a":1}', { 'content-type': type });
      expect(answer.statusCode).toBe(415);
      expect(answer.json()).toMatchObject({ code: 'unsupported_media_type' });
    },
  );
});
