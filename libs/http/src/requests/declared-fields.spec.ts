import { Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Requires } from '../authentication/access.js';
import { rawRoute } from '../raw/raw-route.js';
import { startTestApplication, type TestApplication, testPrincipal } from '../testing/index.js';

const done: string[] = [];

@Controller('v1/plain')
@Requires('tokens:write')
class PlainController {
  @Get()
  read(): object {
    return {};
  }

  @Post()
  @HttpCode(202)
  write(): object {
    done.push('write');
    return {};
  }

  @Delete()
  remove(): object {
    done.push('remove');
    return {};
  }

  @Get('named')
  named(@Query('colour') colour?: string): object {
    return { colour };
  }
}

const raw = { tag: 'Test', requires: 'tokens:write', answers: { 200: { description: 'Done.' } } } as const;
const rawRoutes = [
  rawRoute({ ...raw, method: 'GET', path: '/v1/raw', summary: 'Reads', handler: () => ({}) }),
  rawRoute({ ...raw, method: 'POST', path: '/v1/raw', summary: 'Writes', handler: () => ({ n: done.push('raw') }) }),
  rawRoute({
    ...raw,
    method: 'POST',
    path: '/v1/raw/at-once',
    summary: 'Writes at once',
    body: { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } },
    answerAtOnce: async () => ({ n: done.push('at once') }),
    handler: () => ({ n: done.push('handler') }),
  }),
  rawRoute({ ...raw, method: 'GET', path: '/v1/raw/open', summary: 'Takes all', query: 'open', handler: () => ({}) }),
];

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication({
    controllers: [PlainController],
    rawRoutes,
    callers: new Map([['known-good', testPrincipal()]]),
  });
});
afterAll(() => application.close());
beforeEach(() => {
  done.length = 0;
});

type Method = 'GET' | 'HEAD' | 'POST' | 'DELETE';
const GOOD = { authorization: 'Bearer known-good' };

async function send(method: Method, url: string, payload?: object | string, headers: Record<string, string> = GOOD) {
  const request = { method, url, headers, ...(payload === undefined ? {} : { payload }) };
  const answer = await application.inject(request);
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}

const unknown = (...fields: string[]) => ({
  status: 400,
  body: expect.objectContaining({
    code: 'unknown_field',
    errors: fields.map((field) => ({ field, code: 'unknown_field', message: 'is not known to this call' })),
  }),
});

describe('a query field that no call declares', () => {
  it.each<[Method, string]>([
    ['GET', '/v1/plain'],
    ['POST', '/v1/plain'],
    ['DELETE', '/v1/plain'],
    ['GET', '/v1/plain/named'],
    ['GET', '/v1/raw'],
    ['POST', '/v1/raw'],
    ['POST', '/v1/raw/at-once'],
    ['GET', '/docs'],
  ])('400 unknown_field, by name, and nothing is done: %s %s', async (method, url) => {
    expect(await send(method, `${url}?foo=1&bar=`)).toEqual(unknown('foo', 'bar'));
    expect(done).toEqual([]);
  });

  it('is told to nobody who may not make the call', async () => {
    expect(await send('GET', '/v1/plain?foo=1', undefined, {})).toMatchObject({ status: 401 });
    expect(await send('GET', '/v1/raw?foo=1', undefined, {})).toMatchObject({ status: 401 });
  });

  it('does not hide one that is declared by its name', async () => {
    expect(await send('GET', '/v1/plain/named?colour=red')).toEqual({ status: 200, body: { colour: 'red' } });
  });

  it('is no matter where a route is open to what others add, as probes do', async () => {
    for (const url of ['/v1/raw/open', '/health/live', '/health', '/healthz', '/health/ready']) {
      expect([url, (await send('GET', `${url}?foo=1`)).status]).toEqual([url, 200]);
    }
  });

  it('a question mark alone asks for nothing', async () => {
    expect(await send('GET', '/v1/plain?')).toMatchObject({ status: 200 });
    expect(await send('POST', '/v1/raw?')).toMatchObject({ status: 200 });
  });
});

describe('a body field of a call that takes none', () => {
  it.each<[Method, string]>([
    ['POST', '/v1/plain'],
    ['DELETE', '/v1/plain'],
    ['POST', '/v1/raw'],
  ])('400 unknown_field, by name, and nothing is done: %s %s', async (method, url) => {
    expect(await send(method, url, { foo: 1, bar: null })).toEqual(unknown('foo', 'bar'));
    expect(done).toEqual([]);
  });

  it('an empty object, or no body, is none', async () => {
    for (const payload of [undefined, {}]) {
      expect(await send('POST', '/v1/plain', payload)).toMatchObject({ status: 202 });
      expect(await send('POST', '/v1/raw', payload)).toMatchObject({ status: 200 });
    }
  });
});
