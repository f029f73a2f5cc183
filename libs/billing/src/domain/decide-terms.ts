import { type AccountMode, refuse } from '#libs/contracts';
import { type AccountFact, type AccountState, isOpen, type Occasion } from './account-state.js';
import { expireGrants } from './expire-grants.js';

/** What is to change; absent: as it is, except that a change of mode brings its own limit. */
export interface AccountTerms {
  readonly mode?: AccountMode | undefined;
  /** How far the balance may fall below zero; null: without limit. */
  readonly limit?: bigint | null | undefined;
}

/**
 * Changes mode and limit; nothing when nothing differs. Turning to postpaid without naming a limit takes it away, turning
 * to prepaid without naming one sets it to 0. A balance below a lowered limit stays: only the next charge is refused.
 * Refuses `not_found`.
 */
export function decideTerms(account: AccountState, terms: AccountTerms, { at }: Pick<Occasion, 'at'>): AccountFact[] {
  if (!isOpen(account)) throw refuse('not_found');
  const mode = terms.mode ?? account.mode;
  const limit = terms.limit === undefined ? impliedLimit(account, mode) : terms.limit;
  if (mode === account.mode && limit === account.limit) return [];
  const { facts, state } = expireGrants(account, at);
  const data = { accountUid: state.uid, before: textOf(state), after: textOf({ mode, limit }) };
  facts.push({ type: 'AccountModeChanged', data });
  return facts;
}

function impliedLimit(account: AccountState, mode: AccountMode): bigint | null {
  if (mode === account.mode) return account.limit;
  return mode === 'postpaid' ? null : 0n;
}

function textOf({ mode, limit }: Pick<AccountState, 'mode' | 'limit'>): { mode: AccountMode; limit: string | null } {
  return { mode, limit: limit === null ? null : limit.toString() };
}
