import { hasInstanceRole, hasRoleIn, type Principal, refuse } from '#libs/contracts';
import type { Organization } from './organization.js';
import { seesOrganization } from './visibility.js';

/** The organization, if the caller may know of it; else the same `not_found` as if there were none. */
export function visibleOrganization(organization: Organization | null, principal: Principal): Organization {
  if (organization === null || !seesOrganization(principal, organization.uid)) throw refuse('not_found');
  return organization;
}

/** True for the admins of the organization and of the instance. */
export function administers(principal: Principal, organizationUid: string): boolean {
  return hasInstanceRole(principal, 'admin') || hasRoleIn(principal, organizationUid, 'admin');
}
