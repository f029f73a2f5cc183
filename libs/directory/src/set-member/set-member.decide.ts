import { type Fact, hasInstanceRole, refuse } from '#libs/contracts';
import { isLastAdmin, type Organization } from '../domain/organization.js';
import { administers, visibleOrganization } from '../domain/organization-access.js';
import type { User } from '../domain/user.js';
import type { SetMember } from './set-member.command.js';

export interface SetMemberState {
  readonly organization: Organization | null;
  readonly user: User | null;
}

/**
 * The new member, or the changed role; nothing when the role is the same. Refuses `not_found` (organization or user),
 * `permission_denied`, `user_disabled`, and `last_admin` to everybody but instance admins, who can give it an admin again.
 */
export function decideSetMember(state: SetMemberState, { principal, role }: SetMember): Fact[] {
  const organization = visibleOrganization(state.organization, principal);
  if (!administers(principal, organization.uid)) throw refuse('permission_denied');
  const { user } = state;
  if (user === null) throw refuse('not_found');
  if (user.status === 'disabled') throw refuse('user_disabled');
  const key = { organizationUid: organization.uid, userUid: user.uid };
  const before = organization.members.get(user.uid);
  if (before === role) return [];
  if (before === undefined) return [{ type: 'MemberAdded', data: { ...key, role } }];
  if (isLastAdmin(organization, user.uid) && !hasInstanceRole(principal, 'admin')) throw refuse('last_admin');
  return [{ type: 'MemberRoleChanged', data: { ...key, before, after: role } }];
}
