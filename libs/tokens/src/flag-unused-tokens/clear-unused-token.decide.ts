import type { Fact } from '#libs/contracts';
import { fromInstant } from '#libs/kernel';
import { isLiveAt, type BornToken } from '../domain/token.js';
import type { ClearUnusedToken } from './clear-unused-token.command.js';

/** That a flagged token was used again; nothing when it is not flagged, has ended, or the use is the one before the flag. */
export function decideClearUnusedToken(
  token: BornToken,
  { usedAt }: Pick<ClearUnusedToken, 'usedAt'>,
  { at }: { readonly at: number },
): Fact<'TokenUnusedCleared'>[] {
  if (!isLiveAt(token, at) || token.unusedSince === null) return [];
  if (fromInstant(usedAt) <= fromInstant(token.unusedSince)) return [];
  return [{ type: 'TokenUnusedCleared', data: { tokenUid: token.uid, owner: token.owner, usedAt } }];
}
