import type { RecordedEvent } from '#libs/event-log';
import { assert, type Json } from '#libs/kernel';
import { documentsProjection, type Row } from '#libs/projections';
import { factOf } from '../domain/folded-event.js';
import { evolveOrganization, initialOrganization, type Organization } from '../domain/organization.js';
import { policyScopeOf } from '../domain/policy-scope.js';
import type { OwnerSettings } from '../domain/settings.js';

interface OrganizationRow extends Row {
  readonly uid: string;
  readonly handle: string;
  readonly name: string;
  readonly settings: Json;
  readonly created_at: string;
}

const HANDLED = ['OrganizationCreated', 'OrganizationUpdated', 'PolicyChanged'] as const;
type Handled = (typeof HANDLED)[number];

/** Every organization, as it is now; its members stand in `memberships`. */
export const organizationsProjection = documentsProjection<OrganizationRow, Handled>({
  name: 'organizations',
  table: {
    name: 'organizations',
    columns: { uid: 'text', handle: 'text', name: 'text', settings: 'jsonb', created_at: 'timestamptz' },
    key: ['uid'],
  },
  handles: HANDLED,
  partitionOf: (event) => organizationUidOf(event) ?? event.stream,
  keysOf: (event) => {
    const uid = organizationUidOf(event);
    return uid === null ? [] : [[uid]];
  },
  evolve: (row, event) => {
    const organization = evolveOrganization(row === null ? initialOrganization : organizationOf(row), event);
    return organization === null ? null : rowOf(organization);
  },
});

function organizationUidOf(event: RecordedEvent<Handled>): string | null {
  const fact = factOf(event);
  if (fact.type === 'PolicyChanged') return policyScopeOf(fact.data) === 'organization' ? fact.data.scope : null;
  return 'organizationUid' in fact.data ? fact.data.organizationUid : null;
}

function organizationOf(row: OrganizationRow): Organization {
  const settings = row.settings as unknown as OwnerSettings;
  return { uid: row.uid, handle: row.handle, name: row.name, members: new Map(), settings, createdAt: row.created_at };
}

function rowOf({ uid, handle, name, settings, createdAt }: Organization): OrganizationRow {
  assert(createdAt !== null, 'a recorded event knows when it occurred');
  return { uid, handle, name, settings: settings as unknown as Json, created_at: createdAt };
}
