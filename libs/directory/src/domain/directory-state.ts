import type { EventData, LedgerSettings, MemberRole } from '#libs/contracts';
import { assert, unreachable } from '#libs/kernel';
import { factOf, type FoldedEvent } from './folded-event.js';
import { type MembershipChange, membershipChange, setRole } from './membership.js';
import { evolveOrganization, initialOrganization, type Organization } from './organization.js';
import { policyScopeOf } from './policy-scope.js';
import { effectiveSettings, evolveSettings, initialSettings, NO_OWNER_SETTINGS } from './settings.js';
import { evolveUser, initialUser, type User } from './user.js';

const NO_MEMBERSHIPS: ReadonlyMap<string, MemberRole> = new Map();

/** The whole directory as plain values, at one moment. */
export interface DirectoryParts {
  readonly installation: LedgerSettings;
  readonly users: readonly User[];
  readonly organizations: readonly (Omit<Organization, 'members'> & {
    readonly members: readonly (readonly [userUid: string, role: MemberRole])[];
  })[];
}

/**
 * The whole directory in memory, folded from the events of category `security` in the order of the log. Changed in
 * place: members are the one part of it that grows without bound, and a copy for each added one would make the fold
 * quadratic in the size of an organization.
 */
export class DirectoryState {
  private readonly usersByUid = new Map<string, User>();
  private readonly organizationsByUid = new Map<string, Organization>();
  private readonly rolesByUser = new Map<string, Map<string, MemberRole>>();
  private installation: LedgerSettings = initialSettings;

  /** The directory that was taken apart. */
  static from({ installation, users, organizations }: DirectoryParts): DirectoryState {
    const state = new DirectoryState();
    state.installation = installation;
    for (const user of users) state.usersByUid.set(user.uid, user);
    for (const { members, ...organization } of organizations) {
      state.organizationsByUid.set(organization.uid, { ...organization, members: new Map(members) });
      for (const [userUid, role] of members) state.setRoleOf(userUid, organization.uid, role);
    }
    return state;
  }

  /** Takes the directory apart; what is returned does not change any more. */
  parts(): DirectoryParts {
    const organizations = [...this.organizationsByUid.values()].map((organization) => ({
      ...organization,
      members: [...organization.members],
    }));
    return { installation: this.installation, users: [...this.usersByUid.values()], organizations };
  }

  get users(): ReadonlyMap<string, User> {
    return this.usersByUid;
  }

  get organizations(): ReadonlyMap<string, Organization> {
    return this.organizationsByUid;
  }

  /** Settings of the installation. */
  get settings(): LedgerSettings {
    return this.installation;
  }

  /** Role by organization uid; empty for a user that is not known. */
  membershipsOf(userUid: string): ReadonlyMap<string, MemberRole> {
    return this.rolesByUser.get(userUid) ?? NO_MEMBERSHIPS;
  }

  /** Settings in force for tokens of this owner: a uid of a user or an organization, or `installation`. */
  settingsOf(ownerUid: string): LedgerSettings {
    const owner = this.usersByUid.get(ownerUid) ?? this.organizationsByUid.get(ownerUid);
    return effectiveSettings(this.installation, owner?.settings ?? NO_OWNER_SETTINGS);
  }

  /** Folds one event; those that are not of the directory change nothing. */
  applyFact(event: FoldedEvent): void {
    const fact = factOf(event);
    switch (fact.type) {
      case 'UserCreated':
      case 'UserUpdated':
      case 'UserDisabled':
      case 'UserEnabled':
      case 'InstanceRolesChanged':
        return this.applyToUser(fact.data.userUid, event);
      case 'OrganizationCreated':
      case 'OrganizationUpdated':
        return this.applyToOrganization(fact.data.organizationUid, event);
      case 'PolicyChanged':
        return this.applyPolicy(fact.data, event);
      default: {
        const membership = membershipChange(fact);
        if (membership !== null) this.applyMembership(membership);
      }
    }
  }

  private applyToUser(uid: string, event: FoldedEvent): void {
    const user = evolveUser(this.usersByUid.get(uid) ?? initialUser, event);
    if (user !== null) this.usersByUid.set(uid, user);
  }

  private applyToOrganization(uid: string, event: FoldedEvent): void {
    const organization = evolveOrganization(this.organizationsByUid.get(uid) ?? initialOrganization, event);
    if (organization !== null) this.organizationsByUid.set(uid, organization);
  }

  private applyPolicy(policy: EventData<'PolicyChanged'>, event: FoldedEvent): void {
    const kind = policyScopeOf(policy);
    switch (kind) {
      case 'user':
        return this.applyToUser(policy.scope, event);
      case 'organization':
        return this.applyToOrganization(policy.scope, event);
      case 'installation':
        this.installation = evolveSettings(this.installation, policy);
        return;
      default:
        unreachable(kind, 'scope of a policy');
    }
  }

  private applyMembership({ organizationUid, userUid, role }: MembershipChange): void {
    const organization = this.organizationsByUid.get(organizationUid);
    assert(organization !== undefined, 'OrganizationCreated comes before its members');
    // The fold made this map, and nobody else can write to it.
    setRole(organization.members as Map<string, MemberRole>, userUid, role);
    this.setRoleOf(userUid, organizationUid, role);
  }

  private setRoleOf(userUid: string, organizationUid: string, role: MemberRole | null): void {
    const roles = this.rolesByUser.get(userUid) ?? new Map<string, MemberRole>();
    this.rolesByUser.set(userUid, roles);
    setRole(roles, organizationUid, role);
  }
}
