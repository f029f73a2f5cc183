import { describe, expect, it } from '@jest/globals';
import { ACME, AT, chargeOfAmount, givenAccount, opened, uid } from '../testing/account-facts.js';
import { refusal } from '../testing/refusal.js';
import {
  type AccountFact,
  type AccountState,
  balanceAt,
  chargeOf,
  decideCharge,
  decideGrant,
  decideReversal,
  evolveAccount,
  type GrantTerms,
  initialAccount,
} from './index.js';

const HOUR_MS = 3_600_000;
const terms = (number: number, expiresAt: number | null = null): GrantTerms => ({
  uid: uid('grt', number),
  kind: 'paid',
  effectiveAt: AT,
  expiresAt,
  priority: 50,
  order: BigInt(number),
});

/** An account with two grants, of 10 that ends after an hour and of 20 that does not, and a charge of 36. */
function chargedAccount(): { account: AccountState; charge: ReturnType<typeof chargeOf>; grants: GrantTerms[] } {
  const grants = [terms(1, AT + HOUR_MS), terms(2)];
  let account = givenAccount(ACME, opened(ACME, '100'));
  const apply = (facts: readonly AccountFact[]) => {
    account = facts.reduce<AccountState>(evolveAccount, account);
    return facts;
  };
  grants.forEach(({ uid: grantUid, expiresAt }, index) => {
    const grant = { grantUid, amount: BigInt(10 * (index + 1)), kind: 'paid' as const, priority: 50, reason: null };
    apply(decideGrant(account, { ...grant, effectiveAt: null, expiresAt }, { at: AT }));
  });
  const charge = chargeOf(apply(decideCharge(account, chargeOfAmount(36n), { at: AT })));
  return { account, charge, grants };
}

const reversal = { chargeUid: uid('chg', 9), amount: null, reason: 'mistake' };

describe('decideReversal', () => {
  it('takes back everything: the overdraft, then the grants that paid, last first', () => {
    const { account, charge, grants } = chargedAccount();
    const idempotency = { keyHash: 'a'.repeat(64), fingerprint: 'b'.repeat(64) };
    const facts = decideReversal(account, { charge, reversed: 0n, grants }, reversal, { at: AT, idempotency });
    expect(facts).toEqual([
      {
        type: 'ChargeReversed',
        data: {
          accountUid: ACME,
          chargeUid: uid('chg', 9),
          chargeNumber: '2',
          reverses: charge.chargeUid,
          amount: '-36',
          overdraft: '6',
          allocations: [
            { grantUid: uid('grt', 2), amount: '20' },
            { grantUid: uid('grt', 1), amount: '10' },
          ],
          restored: [
            expect.objectContaining({ grantUid: uid('grt', 2), expiresAt: null, order: '2' }),
            expect.objectContaining({ grantUid: uid('grt', 1), expiresAt: '2026-11-25T09:00:00.000Z', order: '1' }),
          ],
          tokenUid: null,
          tokenPrefix: null,
          principal: null,
          operation: 'storage',
          balanceAfter: '30',
          reason: 'mistake',
          idempotencyKeyHash: 'a'.repeat(64),
          fingerprint: 'b'.repeat(64),
        },
      },
    ]);
  });

  it.each<[bigint, bigint, string, [number, string][]]>([
    [0n, 4n, '4', []],
    [0n, 6n, '6', []],
    [0n, 7n, '6', [[2, '1']]],
    [4n, 5n, '2', [[2, '3']]],
    [26n, 10n, '0', [[1, '10']]],
    [
      25n,
      5n,
      '0',
      [
        [2, '1'],
        [1, '4'],
      ],
    ],
  ])('after %p given back, %p more are %p of overdraft and %p of grants', (reversed, amount, overdraft, parts) => {
    const { account, charge, grants } = chargedAccount();
    const facts = decideReversal(account, { charge, reversed, grants }, { ...reversal, amount }, { at: AT });
    const allocations = parts.map(([number, part]) => ({ grantUid: uid('grt', number), amount: part }));
    expect(facts).toMatchObject([{ data: { amount: (-amount).toString(), overdraft, allocations } }]);
  });

  it('loses what a grant paid that has ended meanwhile', () => {
    const { account, charge, grants } = chargedAccount();
    const at = AT + HOUR_MS;
    const facts = decideReversal(account, { charge, reversed: 0n, grants }, reversal, { at });
    expect(facts).toMatchObject([
      {
        data: {
          amount: '-36',
          overdraft: '6',
          allocations: [{ grantUid: uid('grt', 2), amount: '20' }],
          balanceAfter: '20',
        },
      },
    ]);
    expect(balanceAt(facts.reduce<AccountState>(evolveAccount, account), at)).toBe(20n);
  });

  it.each<[string, bigint, bigint | null]>([
    ['more than the charge', 0n, 37n],
    ['more than is left of it', 30n, 7n],
    ['anything of a charge that was taken back', 36n, null],
    ['a part of a charge that was taken back', 36n, 1n],
  ])('refuses %s', (_name, reversed, amount) => {
    const { account, charge, grants } = chargedAccount();
    const refused = () => decideReversal(account, { charge, reversed, grants }, { ...reversal, amount }, { at: AT });
    expect(refused).toThrow(refusal('already_reversed'));
  });

  it('refuses nothing to take back, and an account that was never opened', () => {
    const { account, charge, grants } = chargedAccount();
    const nothing = { ...reversal, amount: 0n };
    const reversible = { charge, reversed: 0n, grants };
    expect(() => decideReversal(account, reversible, nothing, { at: AT })).toThrow(
      refusal('validation_failed', 'amount'),
    );
    const unopened = initialAccount(ACME);
    expect(() => decideReversal(unopened, reversible, reversal, { at: AT })).toThrow(refusal('not_found'));
  });
});
