import { hasInstanceRole, hasRoleIn, type Principal, refuse } from '#libs/contracts';
import { isUid } from '#libs/kernel';

/** True when the caller may know of the account and its balance. */
function seesAccount(principal: Principal, accountUid: string): boolean {
  return (
    hasInstanceRole(principal, 'admin', 'billing', 'auditor') ||
    principal.userUid === accountUid ||
    hasRoleIn(principal, accountUid, 'admin', 'billing', 'auditor')
  );
}

/** Refuses `not_found` unless the caller may see the account; also for what cannot be an account's uid. */
export function requireSight(principal: Principal, accountUid: string): void {
  if (!isUid(accountUid, 'org', 'usr') || !seesAccount(principal, accountUid)) throw refuse('not_found');
}

/** Refuses unless the caller may move credits and change terms: `permission_denied` if it may see the account. */
export function requireControl(principal: Principal, accountUid: string): void {
  requireSight(principal, accountUid);
  if (!hasInstanceRole(principal, 'admin', 'billing')) throw refuse('permission_denied');
}

/** Refuses unless the caller may read the charges of the account: `permission_denied` if it may see the account. */
export function requireChargesOf(principal: Principal, accountUid: string): void {
  requireSight(principal, accountUid);
  if (principal.userUid === accountUid || hasRoleIn(principal, accountUid, 'admin', 'billing')) return;
  requireChargesOfAll(principal);
}

/** Refuses `permission_denied` unless the caller may read the charges of all accounts. */
export function requireChargesOfAll(principal: Principal): void {
  if (!hasInstanceRole(principal, 'admin', 'billing', 'auditor')) throw refuse('permission_denied');
}
