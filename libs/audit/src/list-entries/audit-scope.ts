import { hasInstanceRole, type Principal, refuse } from '#libs/contracts';

/** Which entries somebody may see. */
export type AuditScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'auditor' }
  | { readonly kind: 'organizations'; readonly uids: readonly string[]; readonly userUid: string | null }
  | { readonly kind: 'own'; readonly userUid: string };

/**
 * Owner of the tokens that only instance admins may know of. What happened to one of these is shown to them alone, its
 * uses included; what was done with it is shown to whoever may see the thing that it was done to, with its actor.
 */
export const HIDDEN_OWNER = 'installation';

/**
 * Instance admins see everything, and instance auditors all but what happened to tokens of the installation; admins and auditors of organizations what concerns these, and their own;
 * every other user what they did, and what happened to a token of theirs when they filter by it.
 */
export function auditScopeOf(principal: Principal): AuditScope {
  if (hasInstanceRole(principal, 'admin')) return { kind: 'all' };
  if (hasInstanceRole(principal, 'auditor')) return { kind: 'auditor' };
  const uids = [...principal.memberships]
    .filter(([, role]) => role === 'admin' || role === 'auditor')
    .map(([organization]) => organization);
  if (uids.length > 0) return { kind: 'organizations', uids, userUid: principal.userUid };
  if (principal.userUid === null) throw refuse('permission_denied');
  return { kind: 'own', userUid: principal.userUid };
}
