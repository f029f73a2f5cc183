import type { MemberRole, TokenOwner } from '#libs/contracts';

/** What holds of an owner of tokens at this moment. */
export interface OwnerStanding {
  /** False for a disabled user. */
  readonly active: boolean;
  /** Role by organization uid; empty for an organization. */
  readonly memberships: ReadonlyMap<string, MemberRole>;
}

/** Knows users and organizations. Given by the app, because features do not import each other; an injection token too. */
export abstract class OwnerReader {
  /**
   * The standing of a user or an organization, as it is at the head of the log or was when the call under way was
   * authenticated; null when there is no such owner.
   */
  abstract standingOf(owner: TokenOwner): Promise<OwnerStanding | null>;
}
