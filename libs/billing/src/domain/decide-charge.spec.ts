import { describe, expect, it } from '@jest/globals';
import { ACME, ADA, AT, chargeOfAmount, givenAccount, opened, uid } from '../testing/account-facts.js';
import { refusal } from '../testing/refusal.js';
import { type AccountFact, chargeOf, decideCharge, decideGrant, initialAccount } from './index.js';

const HOUR_MS = 3_600_000;

interface GrantOptions {
  readonly number?: number;
  readonly lastsMs?: number;
  readonly priority?: number;
  readonly kind?: 'paid' | 'promotional';
  readonly startsInMs?: number;
}

function granted(amount: bigint, options: GrantOptions = {}): AccountFact {
  const { number = 1, lastsMs, priority = 50, kind = 'paid', startsInMs = 0 } = options;
  const effectiveAt = AT + startsInMs;
  const expiresAt = lastsMs === undefined ? null : effectiveAt + lastsMs;
  const grant = { grantUid: uid('grt', number), amount, kind, effectiveAt, expiresAt, priority, reason: null };
  return decideGrant(givenAccount(ACME, opened(ACME)), grant, { at: AT }).at(-1)!;
}

const shares = (facts: readonly AccountFact[]) =>
  chargeOf(facts).allocations.map(({ grantUid, amount }) => [Number(grantUid.slice(-3)), amount]);

describe('decideCharge', () => {
  it('charges an organization, with everything that a bill needs', () => {
    const account = givenAccount(ACME, opened(ACME), granted(100n));
    const idempotency = { keyHash: 'a'.repeat(64), fingerprint: 'b'.repeat(64) };
    const charge = { ...chargeOfAmount(30n, 7), quantity: '2', reason: 'monthly' };
    expect(decideCharge(account, charge, { at: AT, idempotency })).toEqual([
      {
        type: 'OrgCharged',
        data: {
          accountUid: ACME,
          chargeUid: uid('chg', 7),
          chargeNumber: '1',
          kind: 'direct',
          useId: null,
          tokenUid: null,
          tokenPrefix: null,
          principal: null,
          operation: 'storage',
          quantity: '2',
          amount: '30',
          allocations: [{ grantUid: uid('grt', 1), amount: '30' }],
          balanceAfter: '70',
          reason: 'monthly',
          idempotencyKeyHash: 'a'.repeat(64),
          fingerprint: 'b'.repeat(64),
        },
      },
    ]);
  });

  it('charges the personal credits of a user as UserCharged', () => {
    const facts = decideCharge(givenAccount(ADA, opened(ADA, null)), chargeOfAmount(5n), { at: AT });
    expect(facts).toMatchObject([
      { type: 'UserCharged', data: { accountUid: ADA, balanceAfter: '-5', allocations: [] } },
    ]);
  });

  it.each<[string, bigint, string | null, bigint]>([
    ['the last credit of a prepaid account', 10n, '0', 10n],
    ['the last credit of the overdraft', 10n, '5', 15n],
    ['anything without a limit', 0n, null, 999_999_999_999_999n],
  ])('accepts %s', (_name, credits, limit, amount) => {
    const grants = credits > 0n ? [granted(credits)] : [];
    const account = givenAccount(ACME, opened(ACME, limit), ...grants);
    expect(decideCharge(account, chargeOfAmount(amount), { at: AT })).toHaveLength(1);
    if (limit === null) return;
    const refused = () => decideCharge(account, chargeOfAmount(amount + 1n), { at: AT });
    expect(refused).toThrow(refusal('insufficient_credits'));
  });

  it('takes from the grants by priority, then the sooner end, then promotional before paid, then the older', () => {
    const account = givenAccount(
      ACME,
      opened(ACME),
      granted(1n, { number: 1, priority: 60 }),
      granted(1n, { number: 2 }),
      granted(1n, { number: 3 }),
      granted(1n, { number: 4, kind: 'promotional' }),
      granted(1n, { number: 5, lastsMs: 2 * HOUR_MS }),
      granted(1n, { number: 6, lastsMs: HOUR_MS }),
      granted(1n, { number: 7, priority: 10 }),
    );
    const facts = decideCharge(account, chargeOfAmount(7n), { at: AT });
    expect(shares(facts).map(([number]) => number)).toEqual([7, 6, 5, 4, 2, 3, 1]);
  });

  it('does not take from a grant before it begins, nor from its end on', () => {
    const early = granted(10n, { number: 1, startsInMs: HOUR_MS });
    const late = granted(10n, { number: 2, lastsMs: HOUR_MS });
    const account = givenAccount(ACME, opened(ACME), early, late);
    expect(shares(decideCharge(account, chargeOfAmount(1n), { at: AT + HOUR_MS - 1 }))).toEqual([[2, '1']]);
    expect(shares(decideCharge(account, chargeOfAmount(1n), { at: AT + HOUR_MS }))).toEqual([[1, '1']]);
  });

  it('records the grants that have ended before it, with the balance at their end', () => {
    const account = givenAccount(
      ACME,
      opened(ACME),
      granted(40n, { number: 1, lastsMs: 2 * HOUR_MS }),
      granted(7n, { number: 2, lastsMs: HOUR_MS }),
      granted(100n, { number: 3 }),
    );
    const facts = decideCharge(account, chargeOfAmount(30n), { at: AT + 5 * HOUR_MS });
    expect(facts).toMatchObject([
      {
        type: 'GrantExpired',
        data: { grantUid: uid('grt', 2), amount: '7', expiredAt: '2026-11-25T09:00:00.000Z', balanceAfter: '140' },
      },
      {
        type: 'GrantExpired',
        data: { grantUid: uid('grt', 1), amount: '40', expiredAt: '2026-11-25T10:00:00.000Z', balanceAfter: '100' },
      },
      { type: 'OrgCharged', data: { balanceAfter: '70' } },
    ]);
  });

  it('records nothing when it is refused', () => {
    const account = givenAccount(ACME, opened(ACME), granted(40n, { lastsMs: HOUR_MS }));
    const refused = () => decideCharge(account, chargeOfAmount(1n), { at: AT + HOUR_MS });
    expect(refused).toThrow(refusal('insufficient_credits'));
  });

  it('refuses nothing to charge, and an account that was never opened', () => {
    const account = givenAccount(ACME, opened(ACME));
    expect(() => decideCharge(account, chargeOfAmount(0n), { at: AT })).toThrow(refusal('validation_failed', 'amount'));
    expect(() => decideCharge(initialAccount(ACME), chargeOfAmount(1n), { at: AT })).toThrow(refusal('not_found'));
  });
});
