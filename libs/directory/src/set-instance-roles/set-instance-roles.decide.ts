import { type Fact, hasInstanceRole, refuse } from '#libs/contracts';
import { type UserTarget, visibleUser } from '../domain/user-access.js';
import type { SetInstanceRoles } from './set-instance-roles.command.js';

/**
 * The change of a user's instance roles; nothing when they are the same. Refuses `not_found`, `permission_denied`.
 * The last instance admin may go: an admin token of the installation acts as one too.
 */
export function decideSetInstanceRoles(target: UserTarget, { principal, roles }: SetInstanceRoles): Fact[] {
  const user = visibleUser(target);
  if (!hasInstanceRole(principal, 'admin')) throw refuse('permission_denied');
  const before = [...user.instanceRoles];
  const after = [...new Set(roles)].sort();
  if (before.join() === after.join()) return [];
  return [{ type: 'InstanceRolesChanged', data: { userUid: user.uid, before, after } }];
}
