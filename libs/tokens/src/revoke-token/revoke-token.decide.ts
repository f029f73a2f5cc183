import type { Fact } from '#libs/contracts';
import { requireManaged } from '../domain/token-access.js';
import type { BornToken } from '../domain/token.js';
import type { RevokeToken } from './revoke-token.command.js';

/**
 * The end of a token; nothing when it is revoked already, so that its first time and reason stand. An expired token can
 * be revoked too: who finds it leaked wants that on record, and nobody can make it live again.
 * Refuses `not_found`, `permission_denied`.
 */
export function decideRevokeToken(
  token: BornToken,
  { principal, reason }: Pick<RevokeToken, 'principal' | 'reason'>,
): Fact<'TokenRevoked'>[] {
  requireManaged(token, principal);
  if (token.phase === 'revoked') return [];
  return [{ type: 'TokenRevoked', data: { tokenUid: token.uid, owner: token.owner, reason } }];
}
