import { assert } from '#libs/kernel';
import { documentsProjection, type Row } from '#libs/projections';
import { factOf, type FoldedEvent, occurredAtOf } from '../domain/folded-event.js';
import { type MembershipChange, membershipChange } from '../domain/membership.js';

interface MembershipRow extends Row {
  readonly organization_uid: string;
  readonly user_uid: string;
  readonly role: string;
  readonly added_at: string;
}

/** Every membership in force; one that ended has no row. */
export const membershipsProjection = documentsProjection<
  MembershipRow,
  'MemberAdded' | 'MemberRoleChanged' | 'MembershipEnded'
>({
  name: 'memberships',
  table: {
    name: 'memberships',
    columns: { organization_uid: 'text', user_uid: 'text', role: 'text', added_at: 'timestamptz' },
    key: ['organization_uid', 'user_uid'],
  },
  handles: ['MemberAdded', 'MemberRoleChanged', 'MembershipEnded'],
  partitionOf: (event) => changeOf(event).organizationUid,
  keysOf: (event) => [[changeOf(event).organizationUid, changeOf(event).userUid]],
  evolve: (row, event) => {
    const { organizationUid, userUid, role } = changeOf(event);
    if (role === null) return null;
    const addedAt = row === null ? occurredAtOf(event) : row.added_at;
    assert(addedAt !== null, 'a recorded event knows when it occurred');
    return { organization_uid: organizationUid, user_uid: userUid, role, added_at: addedAt };
  },
});

function changeOf(event: FoldedEvent): MembershipChange {
  const change = membershipChange(factOf(event));
  assert(change !== null, `${event.type} is about a member`);
  return change;
}
