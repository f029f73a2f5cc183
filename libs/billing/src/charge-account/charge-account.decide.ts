import { refuse, refuseField, type TokenOwner } from '#libs/contracts';
import { type AccountFact, type AccountState, decideCharge, isOpen, type Occasion } from '../domain/index.js';
import type { ChargeWish } from './charge-account.command.js';

/** The token that a charge names. */
export interface NamedToken {
  readonly prefix: string;
  readonly owner: TokenOwner;
}

export interface DirectCharge {
  readonly chargeUid: string;
  readonly wish: ChargeWish;
  /** Null when the wish names none, and when there is none of that uid. */
  readonly token: NamedToken | null;
}

/**
 * Charges an account without a use of a token. Refuses what decideCharge refuses, and `validation_failed` for a token
 * that there is not, or that the account never pays for: alike, so that nobody learns which tokens others have.
 */
export function decideChargeAccount(
  account: AccountState,
  { chargeUid, wish, token }: DirectCharge,
  occasion: Occasion,
): AccountFact[] {
  if (!isOpen(account)) throw refuse('not_found');
  const { tokenUid = null, operation, quantity = null, reason = null } = wish;
  if (tokenUid !== null && (token === null || !mayPayFor(account.uid, token.owner))) {
    throw refuseField('tokenUid', 'must be the uid of a token that this account pays for');
  }
  const direct = { kind: 'direct', useId: null, principal: null } as const;
  const named = { tokenUid, tokenPrefix: token?.prefix ?? null };
  const charge = { chargeUid, ...direct, ...named, operation, quantity, reason, amount: BigInt(wish.amount) };
  return decideCharge(account, charge, occasion);
}

/**
 * As uses are paid for: by the owner of the token, or by an organization that a user names. Whether the user is a member
 * is not asked, because a charge may concern what the token did before its user left. Nobody pays for a token of the
 * installation.
 */
function mayPayFor(accountUid: string, { type, uid }: TokenOwner): boolean {
  return uid === accountUid || (type === 'user' && accountUid.startsWith('org_'));
}
