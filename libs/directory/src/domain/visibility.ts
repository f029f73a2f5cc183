import { hasInstanceRole, type Principal } from '#libs/contracts';

/** True for an instance admin, auditor or billing: they see every user and every organization. */
export function seesEverything(principal: Principal): boolean {
  return hasInstanceRole(principal, 'admin', 'auditor', 'billing');
}

/** True when the caller may know that the organization exists. */
export function seesOrganization(principal: Principal, organizationUid: string): boolean {
  return seesEverything(principal) || principal.memberships.has(organizationUid);
}
