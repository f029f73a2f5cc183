import { type Fact, hasInstanceRole, type LedgerSettings, refuse } from '#libs/contracts';
import { changesBetween } from '../domain/changed-fields.js';
import { changeOwnerSettings } from '../domain/settings-change.js';
import type { User } from '../domain/user.js';
import { type UserTarget, visibleUser } from '../domain/user-access.js';
import type { UpdateUser, UserPatch } from './update-user.command.js';

export interface UpdateUserState extends UserTarget {
  readonly installation: LedgerSettings;
}

/**
 * What changes of a user; nothing when nothing differs. Instance admins change everything, users their own name.
 * Refuses `not_found`, `permission_denied`.
 */
export function decideUpdateUser(state: UpdateUserState, { principal, data }: UpdateUser): Fact[] {
  const user = visibleUser(state);
  const isAdmin = hasInstanceRole(principal, 'admin');
  if (!isAdmin && !(user.uid === principal.userUid && namesOnlyName(data))) throw refuse('permission_denied');
  const changes = changesBetween(user, { name: data.name, email: data.email });
  const facts: Fact[] = [];
  if (Object.keys(changes).length > 0) facts.push({ type: 'UserUpdated', data: { userUid: user.uid, changes } });
  facts.push(...statusChange(user, data));
  if (data.settings !== undefined) {
    const wish = { owner: user.uid, current: user.settings, patch: data.settings, mayExceed: isAdmin };
    facts.push(...changeOwnerSettings({ ...wish, installation: state.installation }));
  }
  return facts;
}

function statusChange({ uid, status: before }: User, { status, reason }: UserPatch): Fact[] {
  if (status === undefined || status === before) return [];
  const data = { userUid: uid, reason: reason ?? null };
  return [{ type: status === 'disabled' ? 'UserDisabled' : 'UserEnabled', data }];
}

function namesOnlyName(data: UserPatch): boolean {
  return Object.entries(data).every(([field, value]) => field === 'name' || value === undefined);
}
