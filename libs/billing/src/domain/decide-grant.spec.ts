import { describe, expect, it } from '@jest/globals';
import { ACME, AT, givenAccount, opened, uid } from '../testing/account-facts.js';
import { refusal } from '../testing/refusal.js';
import { type CreditGrant, decideGrant, initialAccount } from './index.js';

const DAY_MS = 86_400_000;
const wish: CreditGrant = {
  grantUid: uid('grt', 1),
  amount: 100n,
  kind: 'paid',
  effectiveAt: null,
  expiresAt: null,
  priority: 50,
  reason: 'invoice 17',
};
const account = givenAccount(ACME, opened(ACME));

describe('decideGrant', () => {
  it('grants from now on, for ever, unless it says otherwise', () => {
    expect(decideGrant(account, wish, { at: AT })).toEqual([
      {
        type: 'CreditsGranted',
        data: {
          accountUid: ACME,
          grantUid: uid('grt', 1),
          amount: '100',
          kind: 'paid',
          effectiveAt: '2026-11-25T08:00:00.000Z',
          expiresAt: null,
          priority: 50,
          reason: 'invoice 17',
          balanceAfter: '100',
          idempotencyKeyHash: null,
          fingerprint: null,
        },
      },
    ]);
  });

  it('does not add to the balance before it is effective', () => {
    const facts = decideGrant(account, { ...wish, effectiveAt: AT + DAY_MS, expiresAt: AT + 2 * DAY_MS }, { at: AT });
    expect(facts).toMatchObject([
      { data: { effectiveAt: '2026-11-26T08:00:00.000Z', expiresAt: '2026-11-27T08:00:00.000Z', balanceAfter: '0' } },
    ]);
  });

  it('records first what has ended', () => {
    const before = givenAccount(
      ACME,
      opened(ACME),
      ...decideGrant(account, { ...wish, expiresAt: AT + 1 }, { at: AT }),
    );
    const facts = decideGrant(before, { ...wish, grantUid: uid('grt', 2), amount: 5n }, { at: AT + 1 });
    expect(facts).toMatchObject([
      { type: 'GrantExpired', data: { grantUid: uid('grt', 1), amount: '100', balanceAfter: '0' } },
      { type: 'CreditsGranted', data: { balanceAfter: '5' } },
    ]);
  });

  it.each([
    ['an amount of 0', { amount: 0n }, 'validation_failed', 'amount'],
    ['an end that is past', { expiresAt: AT }, 'expiry_in_past', 'expiresAt'],
    ['an end at its beginning', { effectiveAt: AT + 1, expiresAt: AT + 1 }, 'validation_failed', 'expiresAt'],
  ] as const)('refuses %s', (_name, change, code, field) => {
    expect(() => decideGrant(account, { ...wish, ...change }, { at: AT })).toThrow(refusal(code, field));
  });

  it('refuses an account that was never opened', () => {
    expect(() => decideGrant(initialAccount(ACME), wish, { at: AT })).toThrow(refusal('not_found'));
  });
});
