import type { ErrorCode, MemberRole, TokenOwner } from '#libs/contracts';
import { isUid } from '#libs/kernel';

export interface PayerQuestion {
  readonly owner: TokenOwner;
  /** Organizations that the token is narrowed to; null: all of its owner. */
  readonly organizations: readonly string[] | null;
  /** Uid that the request names to be charged; null: none. */
  readonly requester: string | null;
  /** Memberships of the owner, when it is a user, at this moment. */
  readonly memberships: ReadonlyMap<string, MemberRole>;
}

/** The account that pays (null: nobody does, the token is the installation's), or why the requester is refused. */
export type PayerDecision = { readonly payer: string | null } | { readonly code: ErrorCode };

/**
 * Who pays for a use: the requester when one is named, else the owner of the token. Never a silent default: an
 * organization pays only when its own token is used or when a member names it. An unknown organization and one of
 * others are refused alike, so that nobody learns which exist.
 */
export function decidePayer({ owner, organizations, requester, memberships }: PayerQuestion): PayerDecision {
  if (requester === null) return { payer: owner.type === 'installation' ? null : owner.uid };
  if (!isUid(requester, 'org')) return { code: 'malformed_requester' };
  const isOwn = owner.type === 'organization' && owner.uid === requester;
  const isMember = owner.type === 'user' && memberships.has(requester);
  const isReached = organizations === null || organizations.includes(requester);
  return (isOwn || isMember) && isReached ? { payer: requester } : { code: 'requester_not_allowed' };
}
