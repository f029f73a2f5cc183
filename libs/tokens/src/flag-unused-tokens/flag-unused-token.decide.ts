import type { Fact } from '#libs/contracts';
import { isLiveAt, type BornToken } from '../domain/token.js';
import { allowedIdleDays, isUnused, type UnusedSettings } from '../domain/unused-rule.js';
import type { FlagUnusedToken } from './flag-unused-token.command.js';

export interface FlagUnusedTokenState {
  readonly token: BornToken;
  /** In force for the owner. */
  readonly settings: UnusedSettings;
}

/** That a live token is without use for as long as the settings allow; nothing when it is flagged already, or not due. */
export function decideFlagUnusedToken(
  { token, settings }: FlagUnusedTokenState,
  { lastUsedAt }: Pick<FlagUnusedToken, 'lastUsedAt'>,
  { at }: { readonly at: number },
): Fact<'TokenFlaggedUnused'>[] {
  if (!isLiveAt(token, at) || token.unusedSince !== null) return [];
  const { uid, owner, createdAt } = token;
  if (!isUnused({ createdAt, lastUsedAt }, settings, at)) return [];
  const thresholdDays = allowedIdleDays(lastUsedAt, settings);
  return [{ type: 'TokenFlaggedUnused', data: { tokenUid: uid, owner, lastUsedAt, thresholdDays } }];
}
