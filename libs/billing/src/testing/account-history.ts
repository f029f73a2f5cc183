import fc from 'fast-check';
import { isRefusal } from '#libs/contracts';
import {
  type AccountFact,
  type AccountState,
  type ChargeData,
  chargeOf,
  decideCharge,
  decideGrant,
  decideReversal,
  decideTerms,
  evolveAccount,
  type GrantTerms,
  grantTermsOf,
  initialAccount,
} from '../domain/index.js';
import { ACME, AT, chargeOfAmount, opened, uid } from './account-facts.js';

/** One thing that is asked of an account, `afterMs` after the one before. Instants are relative to its own. */
export type Ask = { readonly afterMs: number } & (
  | {
      readonly kind: 'grant';
      readonly amount: number;
      readonly priority: number;
      readonly promotional: boolean;
      readonly effectiveInMs: number;
      readonly lastsMs: number | null;
    }
  | { readonly kind: 'charge'; readonly amount: number }
  | { readonly kind: 'reverse'; readonly which: number; readonly amount: number | null }
  | { readonly kind: 'limit'; readonly limit: number | null }
);

const afterMs = fc.nat({ max: 40 });

const grant = fc.record({
  kind: fc.constant('grant' as const),
  afterMs,
  amount: fc.integer({ min: 1, max: 60 }),
  priority: fc.integer({ min: 0, max: 2 }),
  promotional: fc.boolean(),
  effectiveInMs: fc.oneof(fc.constant(0), fc.nat({ max: 60 })),
  lastsMs: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 150 })),
});
const charge = fc.record({ kind: fc.constant('charge' as const), afterMs, amount: fc.integer({ min: 1, max: 50 }) });
const reverse = fc.record({
  kind: fc.constant('reverse' as const),
  afterMs,
  which: fc.nat({ max: 8 }),
  amount: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 40 })),
});
const limit = fc.record({
  kind: fc.constant('limit' as const),
  afterMs,
  limit: fc.oneof(fc.constant(null), fc.nat({ max: 60 })),
});

/** Any sequence of what can be asked of an account. */
export const asks: fc.Arbitrary<Ask[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: grant },
    { weight: 5, arbitrary: charge },
    { weight: 2, arbitrary: reverse },
    { weight: 1, arbitrary: limit },
  ),
  { minLength: 1, maxLength: 40 },
);

/** The same, of an account whose limit never changes. */
export const asksUnderOneLimit: fc.Arbitrary<Ask[]> = asks.map((all) => all.filter(({ kind }) => kind !== 'limit'));

/** A fact, the instant of its decision, and the account before and after that decision. */
export interface Step {
  readonly at: number;
  readonly facts: readonly AccountFact[];
  readonly before: AccountState;
  readonly after: AccountState;
}

/** An account with its past, of which it remembers by itself only what is needed. */
export class AccountHistory {
  state = initialAccount(ACME);
  at = AT;
  readonly steps: Step[] = [];
  readonly charges: ChargeData[] = [];
  readonly reversed = new Map<string, bigint>();
  private readonly grants: GrantTerms[] = [];
  private made = 0;

  constructor(limit: string | null = '0') {
    this.apply([opened(ACME, limit)]);
  }

  /** Everything that was recorded. */
  get facts(): AccountFact[] {
    return this.steps.flatMap(({ facts }) => [...facts]);
  }

  /** True when it was done; false when it was refused. */
  ask(ask: Ask): boolean {
    this.at += ask.afterMs;
    this.made += 1;
    try {
      this.apply(this.decide(ask));
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return false;
    }
  }

  private decide(ask: Ask): AccountFact[] {
    const { state, at } = this;
    switch (ask.kind) {
      case 'grant':
        return this.grant(ask);
      case 'charge':
        return decideCharge(state, chargeOfAmount(BigInt(ask.amount), this.made), { at });
      case 'limit':
        return decideTerms(state, { limit: ask.limit === null ? null : BigInt(ask.limit) }, { at });
      case 'reverse':
        return this.reverse(ask);
    }
  }

  private grant(ask: Ask & { kind: 'grant' }): AccountFact[] {
    const effectiveAt = this.at + ask.effectiveInMs;
    const wish = {
      grantUid: uid('grt', this.made),
      amount: BigInt(ask.amount),
      kind: ask.promotional ? ('promotional' as const) : ('paid' as const),
      effectiveAt,
      expiresAt: ask.lastsMs === null ? null : effectiveAt + ask.lastsMs,
      priority: ask.priority,
      reason: 'test',
    };
    return decideGrant(this.state, wish, { at: this.at });
  }

  private reverse(ask: Ask & { kind: 'reverse' }): AccountFact[] {
    const original = this.charges[ask.which];
    if (original === undefined) return [];
    const reversible = {
      charge: original,
      reversed: this.reversed.get(original.chargeUid) ?? 0n,
      grants: this.grants,
    };
    const amount = ask.amount === null ? null : BigInt(ask.amount);
    const reversal = { chargeUid: uid('chg', this.made), amount, reason: 'test' };
    return decideReversal(this.state, reversible, reversal, { at: this.at });
  }

  private apply(facts: readonly AccountFact[]): void {
    const before = this.state;
    for (const fact of facts) {
      this.state = evolveAccount(this.state, fact);
      this.remember(fact);
    }
    if (facts.length > 0) this.steps.push({ at: this.at, facts, before, after: this.state });
  }

  private remember(fact: AccountFact): void {
    if (fact.type === 'OrgCharged') this.charges.push(chargeOf([fact]));
    if (fact.type === 'ChargeReversed') {
      const { reverses, amount } = fact.data;
      this.reversed.set(reverses, (this.reversed.get(reverses) ?? 0n) - BigInt(amount));
    }
    if (fact.type === 'CreditsGranted') {
      this.grants.push(grantTermsOf({ ...fact.data, order: this.state.revision.toString() }));
    }
  }
}

/** The history of an account of which all this was asked. */
export function historyOf(all: readonly Ask[], limit: string | null = '0'): AccountHistory {
  const history = new AccountHistory(limit);
  for (const ask of all) history.ask(ask);
  return history;
}
