import { gzipSync } from 'node:zlib';
import { Body, Controller, Post } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Public } from '../authentication/access.js';
import { rawRoute } from '../raw/raw-route.js';
import { startTestApplication, type TestApplication } from '../testing/index.js';

@Controller('v1/echo')
@Public()
class EchoController {
  @Post()
  echo(@Body() body: object): object {
    return body;
  }
}

const raw = {
  method: 'POST',
  tag: 'Test',
  requires: 'public',
  answers: { 201: { description: 'The body.' } },
} as const;
const rawRoutes = [
  rawRoute({ ...raw, path: '/v1/echo/raw', summary: 'JSON', body: {}, handler: ({ body }) => body }),
  rawRoute({ ...raw, path: '/v1/echo/form', summary: 'A form', bodyKind: 'form', handler: ({ body }) => body }),
  rawRoute({ ...raw, path: '/v1/echo/bytes', summary: 'Bytes', bodyKind: 'bytes', handler: () => ({}) }),
];

let application: TestApplication;
beforeAll(async () => {
  application = await startTestApplication({ controllers: [EchoController], rawRoutes });
});
afterAll(() => application.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (url: string, payload: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
  application.inject({ method: 'POST', url, payload, headers });

describe('a body that is JSON and no object', () => {
  const NO_OBJECT = ['null', '[]', '[1]', '5', '"text"', 'true', '1e999'];

  it.each(NO_OBJECT)('400: names no field, for the fault is none of a field: %s', async (payload) => {
    for (const url of ['/v1/echo', '/v1/echo/raw']) {
      const answer = await post(url, payload);
      expect([url, answer.statusCode]).toEqual([url, 400]);
      expect(answer.json()).toMatchObject({ code: 'validation_failed', detail: expect.stringMatching(/^The body /) });
      expect(answer.json()).not.toHaveProperty('errors');
    }
  });

  it('400: so is a form that cannot be read', async () => {
    const answer = await post('/v1/echo/form', 'a=%', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(answer.json()).toMatchObject({ code: 'validation_failed', detail: 'The form holds a broken escape.' });
    expect(answer.json()).not.toHaveProperty('errors');
  });
});

describe('Content-Encoding', () => {
  const body = '{"a":"1"}';
  const encoded = (coding: string) => ({ ...JSON_TYPE, 'content-encoding': coding });

  it.each(['gzip', 'br', 'deflate', 'x-unheard-of', 'gzip, identity', 'identity, gzip'])(
    '415: a body that came as %s is not read, and the answer tells what is',
    async (coding) => {
      for (const [url, payload] of [
        ['/v1/echo', gzipSync(body)],
        ['/v1/echo', body],
        ['/v1/echo/raw', body],
      ] as const) {
        const answer = await post(url, payload, encoded(coding));
        expect([answer.statusCode, answer.headers['accept-encoding']]).toEqual([415, 'identity']);
        expect(answer.json()).toMatchObject({
          code: 'unsupported_media_type',
          detail: expect.stringMatching(/Encoding/),
        });
      }
    },
  );

  it('415: also where a form is taken', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-encoding': 'gzip' };
    expect((await post('/v1/echo/form', 'a=1', headers)).statusCode).toBe(415);
  });

  it.each(['identity', 'Identity', ''])('takes a body that came as it is: %j', async (coding) => {
    expect((await post('/v1/echo', body, encoded(coding))).json()).toEqual({ a: '1' });
  });

  it('says nothing where there is no body, or where nobody reads it', async () => {
    expect((await post('/v1/echo', '', encoded('gzip'))).json()).toEqual({});
    expect((await post('/v1/echo/bytes', gzipSync(body), encoded('gzip'))).statusCode).toBe(200);
  });
});
