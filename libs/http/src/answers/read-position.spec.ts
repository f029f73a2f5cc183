import { Controller, Get, Post } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Position, START } from '#libs/event-log';
import { Requires } from '../authentication/access.js';
import { rawRoute } from '../raw/raw-route.js';
import { startTestApplication, type TestApplication, testPrincipal } from '../testing/index.js';

@Controller('v1/read')
@Requires('tokens:read')
class ReadController {
  @Get()
  read(): object {
    return { read: true };
  }

  @Post()
  write(): object {
    return {};
  }
}

const feed = rawRoute({
  method: 'GET',
  path: '/v1/feed',
  summary: 'A feed',
  tag: 'Test',
  requires: 'billing:read',
  answers: { 200: { description: 'Entries.' } },
  handler: () => ({ read: true }),
});

let application: TestApplication;
let head: Position;
beforeAll(async () => {
  application = await startTestApplication({
    controllers: [ReadController],
    rawRoutes: [feed],
    callers: new Map([['good', testPrincipal()]]),
  });
  const data = { userUid: 'usr_1', handle: 'ada', email: 'ada@example.test', name: 'Ada' };
  const fact = { type: 'UserCreated', data } as const;
  const events = [{ ...fact, id: 'e6b6a1a0-0000-4000-8000-000000000001', metadata: {} }];
  const appended = await application.log.append({ streams: [{ stream: 'user-usr_1', expected: 'noStream', events }] });
  head = appended.position;
});
afterAll(() => application.close());
beforeEach(() => {
  application.progress.reached = START;
  application.progress.waits.length = 0;
});

const read = (url: string, position: string) =>
  application.inject({
    method: 'GET',
    url,
    headers: { authorization: 'Bearer good', 'ledger-min-position': position },
  });

describe.each(['/v1/read', '/v1/feed'])('Ledger-Min-Position on %s', (url) => {
  it('is answered at once when the read models are there', async () => {
    application.progress.reached = head;
    expect((await read(url, String(head))).json()).toEqual({ read: true });
    expect(application.progress.waits).toEqual([0]);
  });

  it('503: not there within 2 s', async () => {
    const answer = await read(url, String(head));
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'not_ready' });
    expect(answer.headers['retry-after']).toBe('1');
    expect(application.progress.waits).toEqual([0, 2_000]);
  });

  it.each(['abc', '-1', '01', '1.5', '99999999999999999999'])('400: not a position: %s', async (position) => {
    const answer = await read(url, position);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_position' });
  });

  it('400: beyond the head of the log', async () => {
    const answer = await read(url, String(head + 1n));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'invalid_position' });
  });
});

it('a write does not wait for any position', async () => {
  const headers = { authorization: 'Bearer good', 'ledger-min-position': String(head) };
  expect((await application.inject({ method: 'POST', url: '/v1/read', headers })).statusCode).toBe(201);
});
