import { hasInstanceRole, hasRoleIn, type Principal, refuse } from '#libs/contracts';
import { isUid } from '#libs/kernel';

/** True when the caller may see the account: its balance and terms. */
function seesAccount(principal: Principal, accountUid: string): boolean {
  return (
    hasInstanceRole(principal, 'admin', 'billing', 'auditor') ||
    principal.userUid === accountUid ||
    hasRoleIn(principal, accountUid, 'admin', 'billing', 'auditor')
  );
}

/**
 * Refuses unless the caller may see the account: `permission_denied` to the members of an organization, who know that it
 * exists, and so that it has an account; `not_found` to everybody else, and for what cannot be an account's uid.
 */
export function requireSight(principal: Principal, accountUid: string): void {
  if (!isUid(accountUid, 'org', 'usr')) throw refuse('not_found');
  if (seesAccount(principal, accountUid)) return;
  throw refuse(principal.memberships.has(accountUid) ? 'permission_denied' : 'not_found');
}

/** Refuses unless the caller may move credits and change terms: `permission_denied` if it may know of the account. */
export function requireControl(principal: Principal, accountUid: string): void {
  requireSight(principal, accountUid);
  if (!hasInstanceRole(principal, 'admin', 'billing')) throw refuse('permission_denied');
}

/**
 * Refuses unless the caller may move credits, when it named the account by one of its charges: `not_found` if it may not
 * see the account, because it may not know which charges there are.
 */
export function requireControlOfCharge(principal: Principal, accountUid: string): void {
  if (!seesAccount(principal, accountUid)) throw refuse('not_found');
  requireControl(principal, accountUid);
}

/** Refuses unless the caller may read the charges of the account: `permission_denied` if it may know of the account. */
export function requireChargesOf(principal: Principal, accountUid: string): void {
  requireSight(principal, accountUid);
  if (principal.userUid === accountUid || hasRoleIn(principal, accountUid, 'admin', 'billing')) return;
  requireChargesOfAll(principal);
}

/** Refuses `permission_denied` unless the caller may read the charges of all accounts. */
export function requireChargesOfAll(principal: Principal): void {
  if (!hasInstanceRole(principal, 'admin', 'billing', 'auditor')) throw refuse('permission_denied');
}
