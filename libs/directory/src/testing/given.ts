import type { Fact } from '#libs/contracts';
import { evolveOrganization, initialOrganization, type Organization } from '../domain/organization.js';
import { evolveUser, initialUser, type User } from '../domain/user.js';

/** The user after these facts; null when there is none. */
export function givenUser(...facts: readonly Fact[]): User | null {
  return facts.reduce<User | null>(evolveUser, initialUser);
}

/** The organization after these facts; null when there is none. */
export function givenOrganization(...facts: readonly Fact[]): Organization | null {
  return facts.reduce<Organization | null>(evolveOrganization, initialOrganization);
}
