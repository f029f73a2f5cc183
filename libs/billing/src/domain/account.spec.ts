import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fromInstant } from '#libs/kernel';
import { type Ask, asks, asksUnderOneLimit, historyOf } from '../testing/account-history.js';
import { ACME } from '../testing/account-facts.js';
import {
  type AccountFact,
  type AccountState,
  balanceAt,
  evolveAccount,
  initialAccount,
  restoreAccount,
  snapshotOf,
} from './index.js';

const LIMITS = fc.constantFrom('0', '25', null);
const RUNS = { numRuns: 200 };

/** What the facts alone say of the balance, without any state: each credit counts while its grant does. */
function balanceByHand(facts: readonly AccountFact[], at: number): bigint {
  const grants = new Map<string, { from: number; until: number; left: bigint }>();
  let overdraft = 0n;
  for (const { type, data } of facts) {
    if (type === 'CreditsGranted') {
      const until = data.expiresAt === null ? Infinity : fromInstant(data.expiresAt);
      grants.set(data.grantUid, { from: fromInstant(data.effectiveAt), until, left: BigInt(data.amount) });
    }
    if (type !== 'OrgCharged' && type !== 'ChargeReversed') continue;
    const sign = type === 'OrgCharged' ? -1n : 1n;
    for (const { grantUid, amount } of data.allocations) grants.get(grantUid)!.left += sign * BigInt(amount);
    const paid = data.allocations.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
    overdraft += type === 'OrgCharged' ? BigInt(data.amount) - paid : -BigInt(data.overdraft);
  }
  const counting = [...grants.values()].filter(({ from, until }) => from <= at && at < until);
  return counting.reduce((sum, { left }) => sum + left, -overdraft);
}

const instantsAround = (at: number) => [at, at + 1, at + 37, at + 1_000];

describe('an account', () => {
  it('has the balance that its facts add up to, at every instant', () => {
    fc.assert(
      fc.property(asks, LIMITS, (all, limit) => {
        const { steps } = historyOf(all, limit);
        const facts: AccountFact[] = [];
        for (const step of steps) {
          facts.push(...step.facts);
          for (const at of instantsAround(step.at)) expect(balanceAt(step.after, at)).toBe(balanceByHand(facts, at));
        }
      }),
      RUNS,
    );
  });

  it('says in each fact the balance that it leaves', () => {
    fc.assert(
      fc.property(asks, LIMITS, (all, limit) => {
        for (const { facts, before, at } of historyOf(all, limit).steps) {
          let state = before;
          for (const fact of facts) {
            state = evolveAccount(state, fact);
            if (!('balanceAfter' in fact.data)) continue;
            const when = fact.type === 'GrantExpired' ? fromInstant(fact.data.expiredAt) : at;
            expect(fact.data.balanceAfter).toBe(balanceAt(state, when).toString());
          }
        }
      }),
      RUNS,
    );
  });

  it('never falls below minus its limit, at any instant, unless the limit was lowered', () => {
    fc.assert(
      fc.property(asksUnderOneLimit, fc.constantFrom('0', '25'), (all, limit) => {
        for (const { after, at } of historyOf(all, limit).steps) {
          for (const when of instantsAround(at)) expect(balanceAt(after, when)).toBeGreaterThanOrEqual(-BigInt(limit));
        }
      }),
      RUNS,
    );
  });

  it('refuses a charge exactly when the balance would fall below minus the limit', () => {
    fc.assert(
      fc.property(asks, LIMITS, fc.integer({ min: 1, max: 80 }), (all, limit, amount) => {
        const history = historyOf(all, limit);
        const { state, at } = history;
        const covered = state.limit === null || balanceAt(state, at) - BigInt(amount) >= -state.limit;
        expect(history.ask({ kind: 'charge', afterMs: 0, amount })).toBe(covered);
      }),
      RUNS,
    );
  });

  it('numbers charges and reversals from 1 without a gap', () => {
    fc.assert(
      fc.property(asks, (all) => {
        const numbers = historyOf(all, null).facts.flatMap(({ data }) =>
          'chargeNumber' in data ? [data.chargeNumber] : [],
        );
        expect(numbers).toEqual(numbers.map((_, index) => String(index + 1)));
      }),
      RUNS,
    );
  });

  it('pays each charge from the grants of its instant, and from the overdraft only when they are used up', () => {
    fc.assert(
      fc.property(asks, LIMITS, (all, limit) => {
        for (const { facts, before, after, at } of historyOf(all, limit).steps) {
          const charge = facts.find(({ type }) => type === 'OrgCharged') as AccountFact & { type: 'OrgCharged' };
          if (charge === undefined) continue;
          const parts = charge.data.allocations.map(({ amount }) => BigInt(amount));
          const beyond = BigInt(charge.data.amount) - parts.reduce((sum, part) => sum + part, 0n);
          expect(parts.every((part) => part > 0n)).toBe(true);
          expect(after.overdraft - before.overdraft).toBe(beyond);
          if (beyond > 0n) expect(balanceAt(after, at)).toBe(-after.overdraft);
        }
      }),
      RUNS,
    );
  });

  it('takes back of a charge no more than it was, and gives each grant no more than it paid', () => {
    fc.assert(
      fc.property(asks, (all) => {
        const { charges, facts } = historyOf(all, null);
        for (const charge of charges) {
          const reversals = facts.flatMap(({ type, data }) =>
            type === 'ChargeReversed' && data.reverses === charge.chargeUid ? [data] : [],
          );
          const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n);
          expect(-sum(reversals.map(({ amount }) => amount))).toBeLessThanOrEqual(BigInt(charge.amount));
          for (const { grantUid, amount } of charge.allocations) {
            const back = reversals.flatMap(({ allocations }) =>
              allocations.filter((part) => part.grantUid === grantUid),
            );
            expect(sum(back.map((part) => part.amount))).toBeLessThanOrEqual(BigInt(amount));
          }
          for (const { overdraft, allocations, amount } of reversals) {
            expect(BigInt(overdraft) + sum(allocations.map((part) => part.amount))).toBeLessThanOrEqual(
              -BigInt(amount),
            );
          }
        }
      }),
      RUNS,
    );
  });

  it('is as before a charge once all of it was taken back while its grants last', () => {
    const lasting = asksUnderOneLimit.map((all) =>
      all.map((ask) => (ask.kind === 'grant' ? { ...ask, lastsMs: null } : ask)),
    );
    fc.assert(
      fc.property(lasting, fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 4 }), (all, parts) => {
        const history = historyOf(all, null);
        const { state, charges } = history;
        history.ask({ kind: 'charge', afterMs: 0, amount: 45 });
        const which = charges.length - 1;
        for (const amount of parts) history.ask({ kind: 'reverse', afterMs: 1, which, amount });
        history.ask({ kind: 'reverse', afterMs: 1, which, amount: null });
        const { grants, overdraft } = history.state;
        expect({ grants, overdraft }).toEqual({ grants: state.grants, overdraft: state.overdraft });
      }),
      RUNS,
    );
  });

  it('has the same balances whether or not the end of a grant was recorded', () => {
    fc.assert(
      fc.property(asks, LIMITS, (all, limit) => {
        let unrecorded: AccountState = initialAccount(ACME);
        for (const { facts, after, at } of historyOf(all, limit).steps) {
          for (const fact of facts) if (fact.type !== 'GrantExpired') unrecorded = evolveAccount(unrecorded, fact);
          for (const when of instantsAround(at)) expect(balanceAt(unrecorded, when)).toBe(balanceAt(after, when));
        }
      }),
      RUNS,
    );
  });

  it('consumes grants in one order, whatever the order in which they were given', () => {
    const different = fc.uniqueArray(
      fc.record({ priority: fc.nat({ max: 2 }), lastsMs: fc.constantFrom(null, 100, 200), promotional: fc.boolean() }),
      { minLength: 1, maxLength: 8, selector: (terms) => JSON.stringify(terms) },
    );
    fc.assert(
      fc.property(
        different.chain((grants) =>
          fc.tuple(fc.constant(grants), fc.shuffledSubarray(grants, { minLength: grants.length })),
        ),
        fc.integer({ min: 1, max: 80 }),
        ([grants, shuffled], amount) => {
          const left = (given: typeof grants) => {
            const wishes = given.map((terms): Ask => ({
              kind: 'grant',
              afterMs: 0,
              amount: 10,
              effectiveInMs: 0,
              ...terms,
            }));
            const { state } = historyOf([...wishes, { kind: 'charge', afterMs: 0, amount }], null);
            return state.grants.map(({ priority, expiresAt, kind, remaining }) => ({
              priority,
              expiresAt,
              kind,
              remaining,
            }));
          };
          expect(left(shuffled)).toEqual(left(grants));
        },
      ),
      RUNS,
    );
  });

  it('is restored from its snapshot exactly, after any past', () => {
    fc.assert(
      fc.property(asks, LIMITS, (all, limit) => {
        for (const { after } of historyOf(all, limit).steps) {
          const stored = JSON.parse(JSON.stringify(snapshotOf(after))) as ReturnType<typeof snapshotOf>;
          expect(restoreAccount(stored)).toEqual(after);
        }
      }),
      RUNS,
    );
  });

  it('keeps no grant that is used up, so that it does not grow with its past', () => {
    fc.assert(
      fc.property(asks, LIMITS, (all, limit) => {
        for (const { after } of historyOf(all, limit).steps) {
          expect(after.grants.every(({ remaining }) => remaining > 0n)).toBe(true);
        }
      }),
      RUNS,
    );
  });
});
