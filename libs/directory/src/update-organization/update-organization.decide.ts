import { type Fact, hasInstanceRole, type LedgerSettings, refuse } from '#libs/contracts';
import { changesBetween } from '../domain/changed-fields.js';
import type { Organization } from '../domain/organization.js';
import { administers, visibleOrganization } from '../domain/organization-access.js';
import { changeOwnerSettings } from '../domain/settings-change.js';
import type { UpdateOrganization } from './update-organization.command.js';

export interface UpdateOrganizationState {
  readonly organization: Organization | null;
  readonly installation: LedgerSettings;
}

/**
 * What changes of an organization; nothing when nothing differs. Refuses `not_found`, `permission_denied`, and
 * `validation_failed` for a setting that only an instance admin may allow.
 */
export function decideUpdateOrganization(
  state: UpdateOrganizationState,
  { principal, data }: UpdateOrganization,
): Fact[] {
  const { uid, settings, ...current } = visibleOrganization(state.organization, principal);
  if (!administers(principal, uid)) throw refuse('permission_denied');
  const changes = changesBetween(current, { name: data.name });
  const facts: Fact[] = [];
  if (Object.keys(changes).length > 0) {
    facts.push({ type: 'OrganizationUpdated', data: { organizationUid: uid, changes } });
  }
  if (data.settings === undefined) return facts;
  const mayExceed = hasInstanceRole(principal, 'admin');
  const { installation } = state;
  return [
    ...facts,
    ...changeOwnerSettings({ owner: uid, current: settings, installation, patch: data.settings, mayExceed }),
  ];
}
