import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RandomIds } from '#libs/kernel';
import { digestTables } from '#libs/projections';
import { TOKEN_PROJECTIONS } from '../read-model/tokens-read-model.js';
import { denied, seen, used } from '../testing/sample-uses.js';
import { ORGANIZATION } from '../testing/sample-token.js';
import { startTokensServer, type TokensServer } from '../testing/tokens-server.js';
import type { TokenDto } from '../token.dto.js';

let server: TokensServer;
let ada: string;
let token: TokenDto;

/** The clock begins on 2026-11-25 at 08:00 UTC. */
beforeAll(async () => {
  server = await startTokensServer();
  const ids = new RandomIds(() => server.clock.now());
  ada = server.world.addUser(ids.uid('usr'));
  const body = { type: 'personal', name: 'x', access: { operations: true } };
  token = (await server.call(ada, 'POST', '/v1/tokens', { body })).json<{ token: TokenDto }>().token;
  const { uid } = token;
  await server.use(used(uid, { cost: '3' }), used(uid, { cost: '999999999999999' }), denied(uid, 'insufficient_scope'));
  server.clock.advance(3_599_999);
  await server.use(used(uid), denied(uid, 'insufficient_scope', 4), denied(null, 'unknown_token', 9));
  server.clock.advance(1);
  await server.use(
    used(uid, { ip: '198.51.100.9', userAgent: 'sdk/2', requester: ORGANIZATION }),
    denied(uid, 'ip_not_allowed'),
  );
  server.clock.advance(24 * 3_600_000);
  await server.use(denied(uid, 'insufficient_scope'));
}, 60_000);
afterAll(() => server.close());

const usage = async (query = '', uid = token.uid) => server.call(ada, 'GET', `/v1/tokens/${uid}/usage?${query}`);

const firstHour = {
  from: '2026-11-25T08:00:00.000Z',
  total: 8,
  byOutcome: { valid: 3, insufficient_scope: 5 },
  charged: '1000000000000002',
};
const secondHour = {
  from: '2026-11-25T09:00:00.000Z',
  total: 2,
  byOutcome: { valid: 1, ip_not_allowed: 1 },
  charged: '0',
};
const nextDay = {
  from: '2026-11-26T00:00:00.000Z',
  total: 1,
  byOutcome: { insufficient_scope: 1 },
  charged: '0',
};

describe('GET /v1/tokens/{uid}/usage', () => {
  it('counts by day and outcome, and tells when and from where the token was last used', async () => {
    expect((await usage()).json()).toEqual({
      data: [
        {
          from: '2026-11-25T00:00:00.000Z',
          total: 10,
          byOutcome: { valid: 4, insufficient_scope: 5, ip_not_allowed: 1 },
          charged: '1000000000000002',
        },
        nextDay,
      ],
      lastUsedAt: '2026-11-25T09:00:00.000Z',
      lastUsedIp: '198.51.100.9',
      lastUsedUserAgent: 'sdk/2',
      lastUsedRequester: ORGANIZATION,
    });
  });

  it('counts by hour: `from` in its hour, `to` exclusive', async () => {
    const data = async (query: string) => (await usage(`by=hour&${query}`)).json<{ data: unknown[] }>().data;
    expect(await data('from=2026-11-25&to=2026-11-26')).toEqual([firstHour, secondHour]);
    expect(await data('from=2026-11-25T08:30:00Z&to=2026-11-25T09:00:00Z')).toEqual([firstHour]);
    expect(await data('from=2026-11-25T10:00:00%2B01:00&to=2026-11-25T09:00:00.001Z')).toEqual([secondHour]);
    expect(await data('')).toEqual([secondHour, { ...nextDay, from: '2026-11-26T09:00:00.000Z' }]);
  });

  it.each([
    ['by=week', 'validation_failed'],
    ['from=yesterday', 'validation_failed'],
    ['to=2026-02-30', 'validation_failed'],
    ['from=2026-11-26&to=2026-11-25', 'validation_failed'],
    ['by=hour&from=2026-01-01&to=2026-11-25', 'validation_failed'],
    ['days=3', 'unknown_field'],
  ])('refuses %s', async (query, code) => {
    const response = await usage(query);
    expect([response.statusCode, response.json<{ code: string }>().code]).toEqual([400, code]);
  });

  it('does not know a token that the caller may not see', async () => {
    expect((await usage('', 'tok_01JD0000000000000000000000')).statusCode).toBe(404);
    expect((await usage('', 'nothing')).statusCode).toBe(404);
  });

  it('moves the last use forward only, and by calls to the ledger itself, too', async () => {
    const now = server.clock.now();
    await server.use(seen(token.uid, '192.0.2.1'));
    server.clock.advance(-60_000);
    await server.use(used(token.uid, { ip: '192.0.2.2' }));
    server.clock.epochMs = now;
    expect((await server.call(ada, 'GET', `/v1/tokens/${token.uid}`)).json()).toMatchObject({
      lastUsedAt: '2026-11-26T09:00:00.000Z',
      lastUsedIp: '192.0.2.1',
    });
    expect((await usage('')).json()).toMatchObject({ lastUsedRequester: null });
  });

  it('E1: is the same, row for row, when the read models are filled anew from the whole log', async () => {
    await server.caughtUp();
    const before = await digestTables(server.pool, TOKEN_PROJECTIONS);
    await server.engine.rebuild();
    expect(await digestTables(server.pool, TOKEN_PROJECTIONS)).toEqual(before);
    expect(before.map(({ rows }) => Number(rows))).toEqual([1, 7]);
  });
});
