import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { EventType } from '#libs/contracts';
import { digestTables } from '#libs/projections';
import { toInstant } from '#libs/kernel';
import { type EntryTraits, traitsOf } from '../domain/index.js';
import { AUDIT_PROJECTIONS } from '../record-entries/audit-read-model.js';
import { AuditWorld, type SmallBudget } from '../testing/audit-world.js';
import type { AuditScope } from './audit-scope.js';
import type { EntryConditions } from './entry-conditions.js';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const TOKENS = Array.from({ length: 40 }, (_, n) => `tok_${n}`);
const ORGANIZATIONS = ['org_0', 'org_1', 'org_2'];
const USERS = ['usr_0', 'usr_1', 'usr_2', 'usr_3'];
const IPS = ['203.0.113.7', '198.51.100.9', '2001:db8::1'];
/** Tokens of the installation. */
const HIDDEN = TOKENS.filter((_, n) => n % 5 === 2);
const BOOKKEEPING: readonly EventType[] = ['HandleTaken', 'TokenSlotTaken', 'TokenSlotReleased'];

type Entry = EntryTraits & { readonly position: bigint };

let world: AuditWorld;
let entries: readonly Entry[];
let begin: number;

beforeAll(async () => {
  world = await AuditWorld.open();
  begin = world.clock.now();
  for (const round of fc.sample(rounds, { numRuns: 160, seed: 7 })) await play(round);
  await world.engine.catchUp();
  const events = (await world.events()).filter(({ type }) => !BOOKKEEPING.includes(type));
  entries = events.map((event) => ({ ...traitsOf(event), position: event.position }));
});
afterAll(() => world.close(), 60_000);

const pick = <T>(values: readonly T[]) => fc.constantFrom(...values);
/** Few tokens are used often and most seldom, as it is. */
const aToken = fc
  .nat(TOKENS.length ** 2 - 1)
  .map((n) => TOKENS[TOKENS.length - 1 - Math.floor(Math.sqrt(n))] as string);
const aUse = fc.record({
  kind: fc.constantFrom('used', 'used', 'used', 'denied', 'seen', 'direct', 'revoked', 'slot'),
  token: aToken,
  user: pick(USERS),
  organization: pick(ORGANIZATIONS),
  ip: pick(IPS),
  userAgent: pick(['curl/8', 'Sdk/2 100%']),
  lateMs: fc.constantFrom(0, 0, 0, 5_000, 40 * HOUR_MS),
});
const rounds = fc.record({ advanceMs: fc.nat(2 * HOUR_MS), uses: fc.array(aUse, { minLength: 5, maxLength: 30 }) });
type Use = typeof aUse extends fc.Arbitrary<infer U> ? U : never;

async function play({ advanceMs, uses }: { advanceMs: number; uses: Use[] }): Promise<void> {
  world.clock.advance(advanceMs);
  for (const use of uses) await make(use);
}

async function make({ kind, token, user, organization, ip, userAgent, lateMs }: Use): Promise<void> {
  const occurredAt = toInstant(world.clock.now() - lateMs);
  const metadata = { occurredAt, actorUid: user, requestId: `req_${user}` };
  const owner = HIDDEN.includes(token)
    ? ({ type: 'installation', uid: 'installation' } as const)
    : ({ type: 'user', uid: user } as const);
  const where = { tokenUid: token, owner, ip, userAgent };
  const charge = { accountUid: organization, tokenUid: token };
  switch (kind) {
    case 'used':
      await world.append(`account-${organization}`, world.event('OrgCharged', charge, metadata));
      return world.append('usage-a-1', world.event('TokenUsed', { ...where, payer: organization }, metadata));
    case 'denied':
      return world.append('usage-b-1', world.event('TokenUseDenied', { ...where, code: 'revoked_token' }, metadata));
    case 'seen':
      return world.append('usage-b-1', world.event('TokenSeen', where, metadata));
    case 'direct': {
      const direct = { ...charge, kind: 'direct', useId: null, reason: 'Monthly storage' } as const;
      return world.append(`account-${organization}`, world.event('OrgCharged', direct, { ...metadata, ip }));
    }
    case 'revoked':
      return world.append(`token-${token}`, world.event('TokenRevoked', { tokenUid: token, owner }, metadata));
    default:
      return world.append(`owner-${user}`, world.event('TokenSlotReleased', { tokenUid: token }, metadata));
  }
}

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
/** To the millisecond, on the minute, and as far away as anybody asks. */
const instant = fc.oneof(
  { weight: 6, arbitrary: fc.nat(170 * HOUR_MS).map((ms) => toInstant(begin + ms)) },
  {
    weight: 3,
    arbitrary: fc.nat(170 * 60).map((minutes) => toInstant((Math.floor(begin / 60_000) + minutes) * 60_000)),
  },
  { weight: 1, arbitrary: pick(['1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z']) },
);
const someConditions = (): fc.Arbitrary<EntryConditions> =>
  fc.record({
    actor: optional(pick(USERS)),
    action: optional(pick(['TokenUsed', 'TokenUseDenied', 'TokenSeen', 'OrgCharged', 'TokenRevoked', 'Nothing'])),
    token: optional(pick([...TOKENS, 'tok_none'])),
    organization: optional(pick(ORGANIZATIONS)),
    ip: optional(pick(IPS)),
    outcome: optional(pick(['success', 'denied'])),
    from: optional(instant),
    to: optional(instant),
    q: optional(pick(['CURL', '100%', 'monthly', 'req_usr_2', 'tok_3', 'revoked_', 'org_1'])),
    order: pick(['asc', 'desc'] as const),
  });
const scopes: fc.Arbitrary<AuditScope> = fc.oneof(
  fc.constant({ kind: 'all' } as const),
  fc.constant({ kind: 'auditor' } as const),
  fc.record({
    kind: fc.constant('organizations' as const),
    uids: fc.subarray(ORGANIZATIONS, { minLength: 1 }),
    userUid: fc.option(pick(USERS)),
  }),
  fc.record({ kind: fc.constant('own' as const), userUid: pick(USERS) }),
);

/** The entries as the specification of the filters says, one by one. */
function expected(scope: AuditScope, conditions: EntryConditions): string[] {
  const { actor, action, token, organization, ip, outcome, from, to, q, order } = conditions;
  const isShown = (entry: Entry): boolean => {
    if (scope.kind === 'all') return true;
    if (entry.ownerUid === 'installation') return false;
    if (scope.kind === 'auditor') return true;
    if (scope.kind === 'own') return (token === undefined ? entry.actorUid : entry.ownerUid) === scope.userUid;
    if (scope.uids.some((uid) => uid === entry.organization)) return true;
    return scope.userUid !== null && [entry.actorUid, entry.ownerUid].includes(scope.userUid);
  };
  const found = entries.filter((entry) => {
    const texts = [entry.reason, entry.userAgent].map((text) => text?.toLowerCase() ?? '');
    const ids = [entry.target?.uid, entry.requestId, entry.correlationId];
    return (
      isShown(entry) &&
      [actor ?? entry.actorUid, action ?? entry.action, outcome ?? entry.outcome].join() ===
        [entry.actorUid, entry.action, entry.outcome].join() &&
      (token === undefined || entry.tokenUid === token) &&
      (organization === undefined || entry.organization === organization) &&
      (ip === undefined || entry.ip === ip) &&
      Date.parse(entry.occurredAt) >= Date.parse(from ?? '1970-01-01') &&
      Date.parse(entry.occurredAt) < Date.parse(to ?? '9999-01-01') &&
      (q === undefined || texts.some((text) => text.includes(q.toLowerCase())) || ids.includes(q))
    );
  });
  const positions = found.map(({ position }) => position.toString());
  return order === 'asc' ? positions : positions.reverse();
}

interface Asked {
  readonly scope: AuditScope;
  readonly conditions: EntryConditions;
  readonly limit: number;
  readonly budget?: SmallBudget;
}

/** All pages, by following the cursors. */
async function listed({ scope, conditions, limit, budget }: Asked): Promise<{ positions: string[]; pages: number }> {
  const reader = world.reader(budget);
  const positions: string[] = [];
  let after: string | null = null;
  let pages = 0;
  do {
    const page: Awaited<ReturnType<typeof reader.read>> = await reader.read(scope, conditions, { after, limit });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    positions.push(...page.entries.map(({ position }) => position));
    after = page.next;
    pages += 1;
  } while (after !== null);
  return { positions, pages };
}

describe('the audit log', () => {
  it('lists what the filters select and the scope shows, in order, whatever stands in rows and what in the log', async () => {
    await fc.assert(
      fc.asyncProperty(scopes, someConditions(), fc.constantFrom(7, 50, 1000), async (scope, conditions, limit) => {
        const { positions } = await listed({ scope, conditions, limit });
        expect(positions).toEqual(expected(scope, conditions));
      }),
      { numRuns: 150 },
    );
    expect(entries.length).toBeGreaterThan(2_000);
  });

  it('U3: shows an auditor nothing that happened to an admin token, and all that was done with one', async () => {
    const scope = { kind: 'auditor' } as const;
    for (const token of HIDDEN.slice(0, 2)) {
      const charges = expected({ kind: 'all' }, { token, action: 'OrgCharged', order: 'desc' });
      const { positions } = await listed({ scope, conditions: { token, order: 'desc' }, limit: 50 });
      expect(positions).toEqual(charges);
      expect(charges.length).toBeGreaterThan(0);
    }
    const { positions } = await listed({ scope, conditions: { order: 'asc' }, limit: 20 });
    expect(positions).toEqual(expected(scope, { order: 'asc' }));
    expect(positions.length).toBeLessThan(entries.length);
  });

  it('loses nothing when what a page may cost is used up before it is full', async () => {
    await fc.assert(
      fc.asyncProperty(scopes, someConditions(), fc.constantFrom(64, 200), async (scope, conditions, events) => {
        const { positions } = await listed({ scope, conditions, limit: 100, budget: { events, queries: 2 } });
        expect(positions).toEqual(expected(scope, conditions));
      }),
      { numRuns: 60 },
    );
    const rare = { q: 'nowhere', order: 'desc' } as const;
    const { positions, pages } = await listed({
      scope: { kind: 'all' },
      conditions: rare,
      limit: 10,
      budget: { events: 256, queries: 64 },
    });
    expect(positions).toEqual([]);
    expect(pages).toBeGreaterThan(5);
  });

  it('gives an entry whole: the same members, whether it has a row or not', async () => {
    const reader = world.reader();
    const read = (action: string) => reader.read({ kind: 'all' }, { action, order: 'desc' }, { after: null, limit: 1 });
    const [used, revoked] = [await read('TokenUsed'), await read('TokenRevoked')].map(({ entries: [entry] }) => entry);
    expect(Object.keys(used!)).toEqual(Object.keys(revoked!));
    expect(used).toMatchObject({
      entryUid: expect.stringMatching(/^evt_[0-9A-Z]{26}$/),
      outcome: 'success',
      target: { type: 'token' },
      reason: null,
      changes: null,
    });
  });

  it('shows nothing beyond what all of the read models that it needs have reached', async () => {
    const query = (sql: string, values: unknown[] = []) => world.pool.query<{ position: string }>(sql, values);
    const { rows } = await query(`SELECT position FROM read_model.projection_checkpoints WHERE name = 'audit-minutes'`);
    const set = `UPDATE read_model.projection_checkpoints SET position = $1 WHERE name = 'audit-minutes'`;
    await query(set, ['1000']);
    const timed = { from: '2000-01-01T00:00:00.000Z', order: 'asc' } as const;
    const list = (conditions: EntryConditions) => listed({ scope: { kind: 'all' }, conditions, limit: 1000 });
    const [ofTime, whole] = [await list(timed), await list({ order: 'asc' })];
    await query(`UPDATE read_model.projection_checkpoints SET name = 'away' WHERE name = 'audit-minutes'`);
    const ofNewIndex = await list(timed);
    await query(`UPDATE read_model.projection_checkpoints SET name = 'audit-minutes' WHERE name = 'away'`);
    await query(set, [rows[0]!.position]);
    expect(ofNewIndex.positions).toEqual([]);
    const all = expected({ kind: 'all' }, { order: 'asc' });
    expect(ofTime.positions).toEqual(all.filter((position) => BigInt(position) <= 1000n));
    expect(whole.positions).toEqual(all);
  });

  it('leaves out what could not be folded, as long as it is a dead letter', async () => {
    const used = expected({ kind: 'all' }, { action: 'TokenUsed', order: 'desc' });
    await world.pool.query(
      `INSERT INTO read_model.dead_letters (projection, position, partition_key, event_type, stream, revision, error, recorded_at)
       VALUES ('audit-terms', $1, 'usage-a-1', 'TokenUsed', 'usage-a-1', 0, 'poisoned', now())`,
      [used[1]],
    );
    const { entries: shown } = await world
      .reader()
      .read({ kind: 'all' }, { action: 'TokenUsed', order: 'desc' }, { after: null, limit: 2 });
    await world.pool.query('DELETE FROM read_model.dead_letters');
    expect(shown.map(({ position }) => position)).toEqual([used[0], used[2]]);
  });

  it('E1: is the same, row for row, after a rebuild, and however the events fall into batches', async () => {
    const before = await digestTables(world.pool, AUDIT_PROJECTIONS);
    await world.engine.rebuild();
    expect(await digestTables(world.pool, AUDIT_PROJECTIONS)).toEqual(before);
  });
});
