import { type Fact, refuse } from '#libs/contracts';
import { requireManaged } from '../domain/token-access.js';
import { type BornToken, isLiveAt } from '../domain/token.js';
import type { EnableToken } from './enable-token.command.js';

/** A disabled token is switched on again; nothing when it is on. Refuses `not_found`, `permission_denied`, `token_not_active`. */
export function decideEnableToken(
  token: BornToken,
  { principal, reason }: Pick<EnableToken, 'principal' | 'reason'>,
  { at }: { readonly at: number },
): Fact<'TokenEnabled'>[] {
  requireManaged(token, principal);
  if (!isLiveAt(token, at)) throw refuse('token_not_active');
  if (!token.disabled) return [];
  return [{ type: 'TokenEnabled', data: { tokenUid: token.uid, owner: token.owner, reason } }];
}
