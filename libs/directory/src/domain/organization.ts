import type { MemberRole } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { changedFields } from './changed-fields.js';
import { factOf, type FoldedEvent, occurredAtOf } from './folded-event.js';
import { membershipChange, setRole } from './membership.js';
import { evolveOwnerSettings, NO_OWNER_SETTINGS, type OwnerSettings } from './settings.js';

/** A group of users that may hold tokens of its own and pays for what names it. */
export interface Organization {
  readonly uid: string;
  /** Never changes. */
  readonly handle: string;
  readonly name: string;
  /** Role by user uid. */
  readonly members: ReadonlyMap<string, MemberRole>;
  readonly settings: OwnerSettings;
  /** RFC 3339; null when it was folded from a bare fact. */
  readonly createdAt: string | null;
}

/** No organization yet. */
export const initialOrganization: Organization | null = null;

/** The organization after the event of stream `organization-<uid>`; an event of anything else changes nothing. */
export function evolveOrganization(state: Organization | null, event: FoldedEvent): Organization | null {
  const fact = factOf(event);
  const membership = membershipChange(fact);
  if (membership !== null) {
    const members = new Map(known(state).members);
    setRole(members, membership.userUid, membership.role);
    return { ...known(state), members };
  }
  switch (fact.type) {
    case 'OrganizationCreated': {
      assert(state === null, 'an organization is created once');
      const { organizationUid, handle, name } = fact.data;
      const createdAt = occurredAtOf(event);
      return { uid: organizationUid, handle, name, members: new Map(), settings: NO_OWNER_SETTINGS, createdAt };
    }
    case 'OrganizationUpdated':
      return { ...known(state), ...changedFields(fact.data.changes) };
    case 'PolicyChanged':
      return { ...known(state), settings: evolveOwnerSettings(known(state).settings, fact.data) };
    default:
      return state;
  }
}

/** True when nobody else is an admin of the organization; a disabled admin counts, for it may be enabled again. */
export function isLastAdmin(organization: Organization, userUid: string): boolean {
  if (organization.members.get(userUid) !== 'admin') return false;
  return ![...organization.members].some(([uid, role]) => role === 'admin' && uid !== userUid);
}

function known(state: Organization | null): Organization {
  assert(state !== null, 'OrganizationCreated is the first event of an organization');
  return state;
}
