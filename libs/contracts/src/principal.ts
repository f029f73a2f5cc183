import type { Actor } from './event-envelope.js';
import type { InstanceRole, MemberRole, TokenAccess, TokenOwner, TokenType } from './events/index.js';
import { type ManagementScope, scopesCover } from './scopes.js';

/** Who calls the ledger's own API, as its credential proves, with the rights that hold at this moment. */
export interface Principal {
  /** Becomes the actor of the events of its commands. */
  readonly actor: Actor;
  /** Null for a credential that belongs to no single user (an organization's or the installation's). */
  readonly userUid: string | null;
  readonly instanceRoles: readonly InstanceRole[];
  /** Role by organization uid; an organization's own token acts as its admin. */
  readonly memberships: ReadonlyMap<string, MemberRole>;
  readonly token: {
    readonly uid: string;
    readonly prefix: string;
    readonly type: TokenType;
    readonly owner: TokenOwner;
    readonly access: TokenAccess;
    readonly scopes: readonly string[];
    /** Organizations that it is narrowed to; null or absent: all of its owner. */
    readonly organizations?: readonly string[] | null;
    readonly expiresAt: string | null;
  };
}

/** True when the principal holds one of the instance roles. */
export function hasInstanceRole(principal: Principal, ...roles: readonly InstanceRole[]): boolean {
  return principal.instanceRoles.some((role) => roles.includes(role));
}

/** True when the principal holds one of the roles in the organization. */
export function hasRoleIn(principal: Principal, organizationUid: string, ...roles: readonly MemberRole[]): boolean {
  const role = principal.memberships.get(organizationUid);
  return role !== undefined && roles.includes(role);
}

/** True when the credential's scopes cover a management scope. */
export function hasScope(principal: Principal, scope: ManagementScope): boolean {
  return scopesCover(principal.token.scopes, scope);
}
