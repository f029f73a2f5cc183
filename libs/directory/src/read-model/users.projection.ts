import type { InstanceRole } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import { assert, type Json } from '#libs/kernel';
import { documentsProjection, type Row } from '#libs/projections';
import { factOf } from '../domain/folded-event.js';
import { policyScopeOf } from '../domain/policy-scope.js';
import type { OwnerSettings } from '../domain/settings.js';
import { evolveUser, initialUser, type User } from '../domain/user.js';

interface UserRow extends Row {
  readonly uid: string;
  readonly handle: string;
  readonly email: string;
  readonly name: string;
  readonly status: string;
  readonly instance_roles: readonly string[];
  readonly settings: Json;
  readonly created_at: string;
}

const HANDLED = [
  'UserCreated',
  'UserUpdated',
  'UserDisabled',
  'UserEnabled',
  'InstanceRolesChanged',
  'PolicyChanged',
] as const;
type Handled = (typeof HANDLED)[number];

/** Every user, as it is now. */
export const usersProjection = documentsProjection<UserRow, Handled>({
  name: 'users',
  table: {
    name: 'users',
    columns: {
      uid: 'text',
      handle: 'text',
      email: 'text',
      name: 'text',
      status: 'text',
      instance_roles: 'text[]',
      settings: 'jsonb',
      created_at: 'timestamptz',
    },
    key: ['uid'],
  },
  handles: HANDLED,
  partitionOf: (event) => userUidOf(event) ?? event.stream,
  keysOf: (event) => {
    const uid = userUidOf(event);
    return uid === null ? [] : [[uid]];
  },
  evolve: (row, event) => {
    const user = evolveUser(row === null ? initialUser : userOf(row), event);
    return user === null ? null : rowOf(user);
  },
});

function userUidOf(event: RecordedEvent<Handled>): string | null {
  const fact = factOf(event);
  if (fact.type === 'PolicyChanged') return policyScopeOf(fact.data) === 'user' ? fact.data.scope : null;
  return 'userUid' in fact.data ? fact.data.userUid : null;
}

function userOf(row: UserRow): User {
  return {
    uid: row.uid,
    handle: row.handle,
    email: row.email,
    name: row.name,
    status: row.status as User['status'],
    instanceRoles: row.instance_roles as readonly InstanceRole[],
    settings: row.settings as unknown as OwnerSettings,
    createdAt: row.created_at,
  };
}

function rowOf(user: User): UserRow {
  assert(user.createdAt !== null, 'a recorded event knows when it occurred');
  return {
    uid: user.uid,
    handle: user.handle,
    email: user.email,
    name: user.name,
    status: user.status,
    instance_roles: user.instanceRoles,
    settings: user.settings as unknown as Json,
    created_at: user.createdAt,
  };
}
