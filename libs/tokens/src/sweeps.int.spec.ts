import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { streamOf, type TokenEventType } from '#libs/contracts';
import { DAY_MS, RandomIds, toInstant } from '#libs/kernel';
import { ExpireTokensJob } from './expire-tokens/expire-tokens.job.js';
import { ClearUnusedFlagsJob } from './flag-unused-tokens/clear-unused-flags.job.js';
import { FlagUnusedTokensJob } from './flag-unused-tokens/flag-unused-tokens.job.js';
import { seen, used } from './testing/sample-uses.js';
import { startTokensServer, type TokensServer } from './testing/tokens-server.js';
import type { TokenDto } from './token.dto.js';

let server: TokensServer;
let ids: RandomIds;
let ada: string;

beforeAll(async () => {
  server = await startTokensServer();
  ids = new RandomIds(() => server.clock.now());
}, 60_000);
afterAll(() => server.close());

beforeEach(async () => {
  // What other tests left behind is over: no sweep finds it again.
  server.clock.advance(400 * DAY_MS);
  await server.get(ExpireTokensJob).run(server.jobContext());
  await server.caughtUp();
  ada = server.world.addUser(ids.uid('usr'));
});

async function create(over: object = {}): Promise<TokenDto> {
  const body = { type: 'personal', name: 'x', access: { operations: true }, expiresIn: '365d', ...over };
  const response = await server.call(ada, 'POST', '/v1/tokens', { body });
  expect(response.statusCode).toBe(201);
  return response.json<{ token: TokenDto }>().token;
}

async function run(job: typeof ExpireTokensJob | typeof FlagUnusedTokensJob | typeof ClearUnusedFlagsJob) {
  await server.caughtUp();
  const counts = await server
    .get<ExpireTokensJob | FlagUnusedTokensJob | ClearUnusedFlagsJob>(job)
    .run(server.jobContext());
  await server.caughtUp();
  return counts;
}

const typesOf = async (uid: string): Promise<string[]> =>
  (await server.log.readStream(streamOf.token(uid))).map(({ type }) => type);
const countOf = async (uid: string, type: TokenEventType): Promise<number> =>
  (await typesOf(uid)).filter((found) => found === type).length;
const get = async (uid: string): Promise<TokenDto> =>
  (await server.call(ada, 'GET', `/v1/tokens/${uid}`)).json<TokenDto>();

describe('E2: the job expire-tokens', () => {
  it('records the expiry of what is due, disabled or not, frees its place, and leaves the rest alone', async () => {
    const due = await create({ expiresIn: '60s', handle: 'due' });
    const disabled = await create({ expiresIn: '60s' });
    await server.call(ada, 'POST', `/v1/tokens/${disabled.uid}/disable`);
    const later = await create({ expiresIn: '61s' });
    const never = await create({ expiresIn: 'never', neverReason: 'appliance' });
    server.clock.advance(59_999);
    expect(await run(ExpireTokensJob)).toEqual({ found: 0, expired: 0 });
    server.clock.advance(1);
    expect(await run(ExpireTokensJob)).toEqual({ found: 2, expired: 2 });
    expect(await typesOf(due.uid)).toEqual(['TokenCreated', 'TokenExpired']);
    expect(await countOf(disabled.uid, 'TokenExpired')).toBe(1);
    expect(await typesOf(later.uid)).toEqual(['TokenCreated']);
    expect(await typesOf(never.uid)).toEqual(['TokenCreated']);
    const slots = await server.log.readStream(streamOf.owner(ada));
    expect(slots.filter(({ type }) => type === 'TokenSlotReleased')).toHaveLength(2);
    expect(await get(due.uid)).toMatchObject({ status: 'expired', expiresAt: due.expiresAt });
    await server.call(ada, 'DELETE', `/v1/tokens/${never.uid}`);
  });

  it('records each expiry once, however many runs overlap, on however many processes', async () => {
    server.world.limit(ada, { personal: 40 });
    const tokens: TokenDto[] = [];
    for (let index = 0; index < 30; index += 1) tokens.push(await create({ expiresIn: '60s' }));
    server.clock.advance(60_000);
    await server.caughtUp();
    const other = await server.another();
    try {
      const runs = [server, other, server].map((node) => node.get(ExpireTokensJob).run(node.jobContext()));
      const counts = await Promise.all(runs);
      expect(counts.reduce((sum, { expired = 0 }) => sum + expired, 0)).toBe(30);
    } finally {
      await other.close();
    }
    for (const { uid } of tokens) expect(await countOf(uid, 'TokenExpired')).toBe(1);
    expect(await run(ExpireTokensJob)).toEqual({ found: 0, expired: 0 });
  }, 60_000);

  it('changes nothing where the read model is behind: the token was prolonged or revoked meanwhile', async () => {
    const prolonged = await create({ expiresIn: '60s' });
    const revoked = await create({ expiresIn: '60s' });
    await server.caughtUp();
    await server.engine.stop();
    server.clock.advance(59_000);
    await server.call(ada, 'PATCH', `/v1/tokens/${prolonged.uid}`, { body: { expiresIn: '1h' } });
    await server.call(ada, 'DELETE', `/v1/tokens/${revoked.uid}`);
    server.clock.advance(1_000);
    const counts = await server.get(ExpireTokensJob).run(server.jobContext());
    expect(counts).toEqual({ found: 2, expired: 0 });
    await server.engine.start();
    expect(await countOf(prolonged.uid, 'TokenExpired')).toBe(0);
    expect(await typesOf(revoked.uid)).toEqual(['TokenCreated', 'TokenRevoked']);
  });

  it('says when the next token expires', async () => {
    const job = server.get(ExpireTokensJob);
    expect(await job.nextDueAt()).toBeNull();
    await create({ expiresIn: '2h' });
    await create({ expiresIn: '1h' });
    await server.caughtUp();
    expect(await job.nextDueAt()).toBe(server.clock.now() + 3_600_000);
    server.clock.advance(3_600_000);
    expect(await job.nextDueAt()).toBe(server.clock.now() + 3_600_000);
  });
});

describe('E3: the job flag-unused-tokens', () => {
  it('flags a token that was never used after 30 days, and one that was used after 90', async () => {
    const idle = await create();
    const busy = await create();
    await server.use(used(busy.uid));
    server.clock.advance(30 * DAY_MS - 1);
    expect(await run(FlagUnusedTokensJob)).toEqual({ flagged: 0, cleared: 0 });
    server.clock.advance(1);
    expect(await run(FlagUnusedTokensJob)).toEqual({ flagged: 1, cleared: 0 });
    expect(await get(idle.uid)).toMatchObject({ status: 'active', unusedSince: idle.createdAt });
    const page = await server.call(ada, 'GET', '/v1/tokens?unused=true');
    expect(page.json<{ data: TokenDto[] }>().data.map(({ uid }) => uid)).toEqual([idle.uid]);
    server.clock.advance(60 * DAY_MS);
    expect(await run(FlagUnusedTokensJob)).toEqual({ flagged: 1, cleared: 0 });
    const [, flagged] = await server.log.readStream(streamOf.token(busy.uid));
    expect(flagged?.data).toMatchObject({ lastUsedAt: busy.createdAt, thresholdDays: 90 });
  });

  it('follows the settings of each owner', async () => {
    server.world.settingsOf.set(ada, { neverUsedAfterDays: 2, unusedAfterDays: 3 });
    const idle = await create();
    const called = await create();
    await server.use(seen(called.uid));
    server.clock.advance(2 * DAY_MS);
    expect(await run(FlagUnusedTokensJob)).toEqual({ flagged: 1, cleared: 0 });
    expect(await countOf(idle.uid, 'TokenFlaggedUnused')).toBe(1);
    server.clock.advance(DAY_MS);
    expect(await run(FlagUnusedTokensJob)).toEqual({ flagged: 1, cleared: 0 });
    expect(await countOf(called.uid, 'TokenFlaggedUnused')).toBe(1);
  });

  it('flags once, however many runs there are and overlap', async () => {
    const token = await create();
    server.clock.advance(31 * DAY_MS);
    await server.caughtUp();
    const other = await server.another();
    try {
      await Promise.all([server, other].map((node) => node.get(FlagUnusedTokensJob).run(node.jobContext())));
    } finally {
      await other.close();
    }
    await run(FlagUnusedTokensJob);
    expect(await countOf(token.uid, 'TokenFlaggedUnused')).toBe(1);
  });

  it('takes the flag off a token that is used again, and flags it again when it falls idle once more', async () => {
    const token = await create();
    server.clock.advance(30 * DAY_MS);
    await run(FlagUnusedTokensJob);
    server.clock.advance(5_000);
    const usedAt = toInstant(server.clock.now());
    await server.use(used(token.uid));
    expect(await run(ClearUnusedFlagsJob)).toEqual({ cleared: 1 });
    expect(await run(FlagUnusedTokensJob)).toEqual({ flagged: 0, cleared: 0 });
    expect(await get(token.uid)).toMatchObject({ unusedSince: null, lastUsedAt: usedAt });
    server.clock.advance(90 * DAY_MS);
    expect(await run(FlagUnusedTokensJob)).toEqual({ flagged: 1, cleared: 0 });
    expect(await get(token.uid)).toMatchObject({ unusedSince: usedAt });
    expect(await typesOf(token.uid)).toEqual([
      'TokenCreated',
      'TokenFlaggedUnused',
      'TokenUnusedCleared',
      'TokenFlaggedUnused',
    ]);
  });

  it('leaves tokens that have ended alone', async () => {
    const revoked = await create();
    const expired = await create({ expiresIn: '20d' });
    await server.call(ada, 'DELETE', `/v1/tokens/${revoked.uid}`);
    server.clock.advance(40 * DAY_MS);
    expect(await run(FlagUnusedTokensJob)).toEqual({ flagged: 0, cleared: 0 });
    expect(await countOf(expired.uid, 'TokenFlaggedUnused')).toBe(0);
  });
});
