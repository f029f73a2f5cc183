import { refuse, refuseField } from '#libs/contracts';
import { toInstant } from '#libs/kernel';
import { type AccountFact, type AccountState, type GrantKind, isOpen, type Occasion } from './account-state.js';
import { balanceAt } from './balance.js';
import { evolveAccount } from './evolve-account.js';
import { expireGrants } from './expire-grants.js';
import { keyFields } from './key-fields.js';

/** What is to be granted. */
export interface CreditGrant {
  readonly grantUid: string;
  /** Credits, more than 0. */
  readonly amount: bigint;
  readonly kind: GrantKind;
  /** Epoch milliseconds; null: from the occasion on. */
  readonly effectiveAt: number | null;
  /** Epoch milliseconds, exclusive; null: never ends. */
  readonly expiresAt: number | null;
  readonly priority: number;
  readonly reason: string | null;
}

/**
 * Grants credits; CreditsGranted is the last fact. Refuses `not_found`, `expiry_in_past`, and `validation_failed` for an
 * amount of 0 or an end that is not after the beginning.
 */
export function decideGrant(account: AccountState, grant: CreditGrant, occasion: Occasion): AccountFact[] {
  const { at } = occasion;
  const { amount, expiresAt } = grant;
  if (!isOpen(account)) throw refuse('not_found');
  if (amount <= 0n) throw refuseField('amount', 'must be at least 1');
  const from = grant.effectiveAt ?? at;
  if (expiresAt !== null && expiresAt <= at) throw refuseField('expiresAt', 'must lie in the future', 'expiry_in_past');
  if (expiresAt !== null && expiresAt <= from) throw refuseField('expiresAt', 'must lie after effectiveAt');
  const { facts, state } = expireGrants(account, at);
  const data = {
    accountUid: state.uid,
    grantUid: grant.grantUid,
    amount: amount.toString(),
    kind: grant.kind,
    effectiveAt: toInstant(from),
    expiresAt: expiresAt === null ? null : toInstant(expiresAt),
    priority: grant.priority,
    reason: grant.reason,
    balanceAfter: '0',
    ...keyFields(occasion),
  };
  const after = evolveAccount(state, { type: 'CreditsGranted', data });
  facts.push({ type: 'CreditsGranted', data: { ...data, balanceAfter: balanceAt(after, at).toString() } });
  return facts;
}
