import type { Fact, MemberRole } from '#libs/contracts';

/** What an event says of one membership; role null: it ended. */
export interface MembershipChange {
  readonly organizationUid: string;
  readonly userUid: string;
  readonly role: MemberRole | null;
}

/** The one reading of the events about members; null for any other event. */
export function membershipChange(fact: Fact): MembershipChange | null {
  switch (fact.type) {
    case 'MemberAdded':
      return fact.data;
    case 'MemberRoleChanged':
      return { organizationUid: fact.data.organizationUid, userUid: fact.data.userUid, role: fact.data.after };
    case 'MembershipEnded':
      return { organizationUid: fact.data.organizationUid, userUid: fact.data.userUid, role: null };
    default:
      return null;
  }
}

/** Writes a role under its key, in place; a role of null removes it. */
export function setRole(roles: Map<string, MemberRole>, key: string, role: MemberRole | null): void {
  if (role === null) roles.delete(key);
  else roles.set(key, role);
}
