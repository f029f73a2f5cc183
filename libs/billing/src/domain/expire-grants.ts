import { toInstant } from '#libs/kernel';
import type { AccountFact, AccountState, Grant } from './account-state.js';
import { balanceAt } from './balance.js';
import { evolveAccount } from './evolve-account.js';
import { hasEnded } from './grants.js';

/** An account with what is to be recorded before anything else happens to it. */
export interface Expired {
  readonly facts: AccountFact[];
  readonly state: AccountState;
}

/**
 * Records the grants with a rest that have ended by `at`. Every decision that appends begins with this, so that the
 * account's stream shows when the credits went; balances do not depend on it.
 */
export function expireGrants(account: AccountState, at: number): Expired {
  const facts: AccountFact[] = [];
  let state = account;
  if (!account.grants.some((grant) => hasEnded(grant, at))) return { facts, state };
  const ended = account.grants.filter((grant) => hasEnded(grant, at)).sort(byEnd);
  for (const { uid, remaining, expiresAt } of ended) {
    const endedAt = expiresAt ?? at;
    const data = {
      accountUid: account.uid,
      grantUid: uid,
      amount: remaining.toString(),
      expiredAt: toInstant(endedAt),
    };
    // As of the end itself: other grants that count by now may have begun later, and are not part of this step.
    const balanceAfter = balanceAt(state, endedAt).toString();
    const fact: AccountFact = { type: 'GrantExpired', data: { ...data, balanceAfter } };
    state = evolveAccount(state, fact);
    facts.push(fact);
  }
  return { facts, state };
}

function byEnd(a: Grant, b: Grant): number {
  if (a.expiresAt !== b.expiresAt) return (a.expiresAt ?? Infinity) - (b.expiresAt ?? Infinity);
  return a.order < b.order ? -1 : 1;
}
