import { hasInstanceRole, type Principal, refuse } from '#libs/contracts';

/** Which entries somebody may see. */
export type AuditScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'organizations'; readonly uids: readonly string[]; readonly userUid: string | null }
  | { readonly kind: 'own'; readonly userUid: string };

/**
 * Instance admins and auditors see everything; admins and auditors of organizations what concerns these, and their own;
 * every other user what they did, and what happened to a token of theirs when they filter by it.
 */
export function auditScopeOf(principal: Principal): AuditScope {
  if (hasInstanceRole(principal, 'admin', 'auditor')) return { kind: 'all' };
  const uids = [...principal.memberships]
    .filter(([, role]) => role === 'admin' || role === 'auditor')
    .map(([organization]) => organization);
  if (uids.length > 0) return { kind: 'organizations', uids, userUid: principal.userUid };
  if (principal.userUid === null) throw refuse('permission_denied');
  return { kind: 'own', userUid: principal.userUid };
}
