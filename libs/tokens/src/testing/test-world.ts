import {
  bearerToken,
  DEFAULT_SETTINGS,
  type InstanceRole,
  type LedgerSettings,
  type MemberRole,
  type Principal,
  refuse,
  type TokenOwner,
} from '#libs/contracts';
import { Authenticator, type PresentedCredential } from '#libs/http';
import { OwnerReader, type OwnerStanding } from '../owner-reader.js';
import { SettingsReader } from '../settings-reader.js';
import { asInstallation, asOrganization, asUser } from './principals.js';

interface TestUser {
  active: boolean;
  instanceRoles: readonly InstanceRole[];
  memberships: Map<string, MemberRole>;
}

/** Users, organizations and settings around the tokens, held in memory. Callers send `installation` or a uid as token. */
export class TestWorld {
  readonly users = new Map<string, TestUser>();
  readonly organizations = new Set<string>();
  readonly settingsOf = new Map<string, Partial<LedgerSettings>>();
  readonly authenticator: Authenticator = new WorldAuthenticator(this);
  readonly settings: SettingsReader = new WorldSettings(this);
  readonly owners: OwnerReader = new WorldOwners(this);

  addUser(uid: string, rights: { roles?: Record<string, MemberRole>; instanceRoles?: InstanceRole[] } = {}): string {
    const { roles = {}, instanceRoles = [] } = rights;
    this.users.set(uid, { active: true, instanceRoles, memberships: new Map(Object.entries(roles)) });
    return uid;
  }

  addOrganization(uid: string): string {
    this.organizations.add(uid);
    return uid;
  }

  limit(ownerUid: string, limits: Partial<LedgerSettings['maxActiveTokens']>): void {
    this.settingsOf.set(ownerUid, { maxActiveTokens: { ...DEFAULT_SETTINGS.maxActiveTokens, ...limits } });
  }
}

class WorldAuthenticator extends Authenticator {
  constructor(private readonly world: TestWorld) {
    super();
  }

  async authenticate({ authorization }: PresentedCredential): Promise<Principal> {
    const name = bearerToken(authorization).token;
    if (name === 'installation') return asInstallation();
    if (this.world.organizations.has(name)) return asOrganization(name);
    const user = this.world.users.get(name);
    if (user === undefined) throw refuse('unknown_token');
    return asUser(name, { instanceRoles: user.instanceRoles, roles: Object.fromEntries(user.memberships) });
  }
}

class WorldSettings extends SettingsReader {
  constructor(private readonly world: TestWorld) {
    super();
  }

  async settingsFor(ownerUid: string): Promise<LedgerSettings> {
    return { ...DEFAULT_SETTINGS, ...this.world.settingsOf.get(ownerUid) };
  }
}

class WorldOwners extends OwnerReader {
  constructor(private readonly world: TestWorld) {
    super();
  }

  async standingOf({ type, uid }: TokenOwner): Promise<OwnerStanding | null> {
    if (type === 'organization')
      return this.world.organizations.has(uid) ? { active: true, memberships: new Map() } : null;
    return this.world.users.get(uid) ?? null;
  }
}
