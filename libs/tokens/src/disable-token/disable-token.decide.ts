import { type Fact, refuse } from '#libs/contracts';
import { requireManaged } from '../domain/token-access.js';
import { type BornToken, isLiveAt } from '../domain/token.js';
import type { DisableToken } from './disable-token.command.js';

/** A live token is switched off; nothing when it is off already. Refuses `not_found`, `permission_denied`, `token_not_active`. */
export function decideDisableToken(
  token: BornToken,
  { principal, reason }: Pick<DisableToken, 'principal' | 'reason'>,
  { at }: { readonly at: number },
): Fact<'TokenDisabled'>[] {
  requireManaged(token, principal);
  if (!isLiveAt(token, at)) throw refuse('token_not_active');
  if (token.disabled) return [];
  return [{ type: 'TokenDisabled', data: { tokenUid: token.uid, owner: token.owner, reason } }];
}
