import type { AccountState } from './account-state.js';
import { counts } from './grants.js';

/**
 * The balance at an instant (epoch ms): the credits left of the grants that count then, less the overdraft. A matter of
 * time alone: the same whether or not the end of a grant was recorded.
 */
export function balanceAt(state: AccountState, at: number): bigint {
  let balance = -state.overdraft;
  for (const grant of state.grants) if (counts(grant, at)) balance += grant.remaining;
  return balance;
}
