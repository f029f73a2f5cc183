import { afterAll, describe, expect, it } from '@jest/globals';
import fastify from 'fastify';
import type { ChargeEvent } from './charge-event.js';
import { feedAnswer } from './feed-answer.js';

const BATCH = 'application/cloudevents-batch+json';

const app = fastify();
app.get<{ Querystring: { vary?: string } }>('/', (request, reply) => {
  if (request.query.vary !== undefined) void reply.header('vary', request.query.vary);
  const feed = { events: [{ id: 'chg_1' }, { id: 'chg_2' }] as ChargeEvent[], next: 'cursor' };
  const { body, headers } = feedAnswer({ feed, path: '/', page: { limit: 1, wait: 0 }, reply });
  return reply.headers(headers).send(body);
});
afterAll(() => app.close());

describe('feedAnswer', () => {
  it.each([
    [undefined, BATCH],
    ['*/*', BATCH],
    [`application/x-ndjson;q=0.5, ${BATCH}`, BATCH],
    [`${BATCH};q=0.5, application/x-ndjson`, 'application/x-ndjson'],
    ['application/ndjson', 'application/ndjson'],
    ['application/jsonl', 'application/jsonl'],
    ['text/html', BATCH],
  ])('is in the form that the client prefers: %s', async (accept, type) => {
    const { headers, body } = await app.inject({ url: '/', headers: accept === undefined ? {} : { accept } });
    expect(headers['content-type']).toBe(type);
    expect(body).toBe(type === BATCH ? '[{"id":"chg_1"},{"id":"chg_2"}]' : '{"id":"chg_1"}\n{"id":"chg_2"}\n');
  });

  it.each([
    ['/', 'Accept'],
    ['/?vary=Origin', 'Origin, Accept'],
  ])('tells caches that it depends on `Accept`, besides what else it depends on: %s', async (url, vary) => {
    expect((await app.inject(url)).headers['vary']).toBe(vary);
  });
});
