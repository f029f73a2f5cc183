import { createConnection } from 'node:net';
import { Controller, Post } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Requires } from '../authentication/access.js';
import { rawRoute } from '../raw/raw-route.js';
import { startTestApplication, type TestApplication, testPrincipal } from '../testing/index.js';

@Controller('v1/wire')
@Requires('tokens:write')
class WireController {
  @Post()
  write(): object {
    return { written: true };
  }
}

const cut = rawRoute({
  method: 'GET',
  path: '/v1/cut',
  summary: 'Fails in the middle of its answer',
  tag: 'Test',
  requires: 'public',
  answers: { 200: { description: 'Half an answer.' } },
  handler: async (_request, reply) => {
    reply.raw.writeHead(200, { 'content-type': 'text/plain' });
    await new Promise((resolve) => reply.raw.write('half', resolve));
    throw new Error('the other half is lost');
  },
});

let application: TestApplication;
let port: number;
beforeAll(async () => {
  application = await startTestApplication({
    controllers: [WireController],
    rawRoutes: [cut],
    callers: new Map([['good', testPrincipal()]]),
    corsOrigins: ['https://app.test'],
  });
  await application.app.listen(0, '127.0.0.1');
  const address = application.app.getHttpServer().address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => application.close());

/** Sends bytes as they are, and gives everything that came back until the server closed. */
function send(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1', () => socket.write(bytes));
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}

const problemIn = (answer: string) => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { code: string };
const CLOSE = 'connection: close';

describe('what is no proper HTTP', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'invalid_request'],
    ['a header with a bad character', 'GET / HTTP/1.1\r\nHost: a\r\nbad header: x\r\n\r\n', 400, 'invalid_request'],
    ['headers too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
    ['no Host', `GET /v1/wire HTTP/1.1\r\n${CLOSE}\r\n\r\n`, 400, 'invalid_request'],
    [
      'two lengths',
      'POST /v1/wire HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
      'invalid_request',
    ],
  ])('is answered with a problem document: %s', async (_what, bytes, status, code) => {
    const answer = await send(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer.toLowerCase()).toContain('content-type: application/problem+json');
    expect(answer.toLowerCase()).toContain('x-request-id: req_');
    expect(problemIn(answer)).toMatchObject({ code, status });
  });
});

describe('on the wire', () => {
  const POST = 'POST /v1/wire HTTP/1.1\r\nHost: a\r\ncontent-length: 0\r\nconnection: close\r\n';

  it('two Authorization headers are seen, though Node keeps one', async () => {
    const answer = await send(`${POST}Authorization: Bearer good\r\nauthorization: Bearer good\r\n\r\n`);
    expect(problemIn(answer)).toMatchObject({ code: 'malformed_token' });
  });

  it('one is enough', async () => {
    const answer = await send(`${POST}Authorization: Bearer good\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 201 /);
  });

  it('two Idempotency-Key headers are refused', async () => {
    const answer = await send(`${POST}Authorization: Bearer good\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n`);
    expect(problemIn(answer)).toMatchObject({ code: 'validation_failed' });
  });

  it('an answer that fails in the middle is cut off, so that nobody takes it for whole', async () => {
    const answer = await send(`GET /v1/cut HTTP/1.1\r\nHost: a\r\nconnection: close\r\n\r\n`);
    expect(answer).toContain('half');
    expect(answer).not.toContain('\r\n0\r\n');
    expect(application.lines).toContainEqual(expect.objectContaining({ level: 'error' }));
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string) =>
    application.inject({
      method: 'OPTIONS',
      url: '/v1/wire',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });

  it('B11: may call with a token when they are named', async () => {
    const answer = await preflight('https://app.test');
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.test',
      'access-control-allow-headers': 'authorization',
    });
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('see the headers and the problem of a refusal', async () => {
    const headers = { origin: 'https://app.test' };
    const answer = await application.inject({ method: 'POST', url: '/v1/wire', headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.test');
    expect(answer.headers['access-control-expose-headers']).toContain('WWW-Authenticate');
  });

  it('may not when they are not', async () => {
    const answer = await preflight('https://evil.test');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});
