import { type Fact, hasInstanceRole, refuse, streamOf } from '#libs/contracts';
import { newOwner, type StreamFacts } from '../domain/new-owner.js';
import type { CreateOrganization } from './create-organization.command.js';

/** What the decision is made on. */
export interface CreateOrganizationState {
  readonly organizationUid: string;
  /** Uid of who has the handle; null: it is free. */
  readonly holder: string | null;
}

/**
 * The streams of a new organization. A credential that belongs to no user makes one without members, and only as an
 * instance admin; else `permission_denied`. Refuses `handle_taken`.
 */
export function decideCreateOrganization(
  { organizationUid, holder }: CreateOrganizationState,
  { principal, data }: CreateOrganization,
): StreamFacts[] {
  const { userUid } = principal;
  if (userUid === null && !hasInstanceRole(principal, 'admin')) throw refuse('permission_denied');
  const { handle, name = handle } = data;
  const facts: Fact[] = [{ type: 'OrganizationCreated', data: { organizationUid, handle, name } }];
  if (userUid !== null) facts.push({ type: 'MemberAdded', data: { organizationUid, userUid, role: 'admin' } });
  return newOwner({
    uid: organizationUid,
    handle,
    holder,
    own: { stream: streamOf.organization(organizationUid), facts },
  });
}
