import { type Fact, hasInstanceRole, refuse } from '#libs/contracts';
import { isLastAdmin, type Organization } from '../domain/organization.js';
import { administers, visibleOrganization } from '../domain/organization-access.js';
import type { EndMembership } from './end-membership.command.js';

export interface EndMembershipState {
  readonly organization: Organization | null;
  /** Null: the path names no user. */
  readonly userUid: string | null;
}

/**
 * The end of a membership. Admins end that of anybody, members their own. Refuses `not_found` (also: not a member),
 * `permission_denied`, and `last_admin` to everybody but instance admins, who can give it an admin again.
 */
export function decideEndMembership(state: EndMembershipState, { principal, reason }: EndMembership): Fact[] {
  const organization = visibleOrganization(state.organization, principal);
  const { userUid } = state;
  const leaves = userUid !== null && userUid === principal.userUid;
  if (!leaves && !administers(principal, organization.uid)) throw refuse('permission_denied');
  if (userUid === null || !organization.members.has(userUid)) throw refuse('not_found');
  if (isLastAdmin(organization, userUid) && !hasInstanceRole(principal, 'admin')) throw refuse('last_admin');
  return [{ type: 'MembershipEnded', data: { organizationUid: organization.uid, userUid, reason } }];
}
