import type { InstanceRole } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { changedFields } from './changed-fields.js';
import { factOf, type FoldedEvent, occurredAtOf } from './folded-event.js';
import { evolveOwnerSettings, NO_OWNER_SETTINGS, type OwnerSettings } from './settings.js';

/** A person who may hold personal tokens and be a member of organizations. */
export interface User {
  readonly uid: string;
  /** Never changes. */
  readonly handle: string;
  readonly email: string;
  readonly name: string;
  /** No personal token of a disabled user is accepted. */
  readonly status: 'active' | 'disabled';
  readonly instanceRoles: readonly InstanceRole[];
  readonly settings: OwnerSettings;
  /** RFC 3339; null when it was folded from a bare fact. */
  readonly createdAt: string | null;
}

/** Nobody yet. */
export const initialUser: User | null = null;

/** The user after the event of stream `user-<uid>`; an event of anything else changes nothing. */
export function evolveUser(state: User | null, event: FoldedEvent): User | null {
  const fact = factOf(event);
  switch (fact.type) {
    case 'UserCreated': {
      assert(state === null, 'a user is created once');
      const { userUid, handle, email, name } = fact.data;
      const createdAt = occurredAtOf(event);
      const settings = NO_OWNER_SETTINGS;
      return { uid: userUid, handle, email, name, status: 'active', instanceRoles: [], settings, createdAt };
    }
    case 'UserUpdated':
      return { ...known(state), ...changedFields(fact.data.changes) };
    case 'UserDisabled':
      return { ...known(state), status: 'disabled' };
    case 'UserEnabled':
      return { ...known(state), status: 'active' };
    case 'InstanceRolesChanged':
      return { ...known(state), instanceRoles: fact.data.after };
    case 'PolicyChanged':
      return { ...known(state), settings: evolveOwnerSettings(known(state).settings, fact.data) };
    default:
      return state;
  }
}

function known(state: User | null): User {
  assert(state !== null, 'UserCreated is the first event of a user');
  return state;
}
