import type { Fact } from '#libs/contracts';
import type { BornToken } from '../domain/token.js';

/** That the instant of a token has passed; nothing for one that has ended already, or has time left. */
export function decideExpireToken(token: BornToken, { at }: { readonly at: number }): Fact<'TokenExpired'>[] {
  if (token.phase !== 'live' || token.expiresAt === null || token.expiresAtMs > at) return [];
  const { uid, owner, expiresAt } = token;
  return [{ type: 'TokenExpired', data: { tokenUid: uid, owner, expiresAt } }];
}
