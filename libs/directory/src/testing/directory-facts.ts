import type { Fact, MemberRole } from '#libs/contracts';

export const ADA = 'usr_01JD0000000000000000000ADA';
export const BOB = 'usr_01JD0000000000000000000B0B';
export const ACME = 'org_01JD00000000000000000ACME0';
export const GLOBEX = 'org_01JD000000000000000G10BEX0';

/** The first fact of a user or an organization. */
export function created(uid: string, handle: string): Fact {
  if (uid.startsWith('org_')) {
    return { type: 'OrganizationCreated', data: { organizationUid: uid, handle, name: handle } };
  }
  return { type: 'UserCreated', data: { userUid: uid, handle, email: `${handle}@example.com`, name: handle } };
}

export function member(organizationUid: string, userUid: string, role: MemberRole): Fact {
  return { type: 'MemberAdded', data: { organizationUid, userUid, role } };
}
