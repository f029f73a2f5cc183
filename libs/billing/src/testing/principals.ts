import type { Actor, InstanceRole, MemberRole, Principal } from '#libs/contracts';

const TOKEN_UID = 'tok_01JD00000000000000000000TK';

export interface Rights {
  readonly instanceRoles?: readonly InstanceRole[];
  /** Role by organization uid. */
  readonly roles?: Readonly<Record<string, MemberRole>>;
  readonly scopes?: readonly string[];
}

/** A call through a personal token of the user. */
export function asUser(uid: string, rights: Rights = {}): Principal {
  return principal({ type: 'user', uid }, rights);
}

/** A call through an admin token of the installation, such as the bootstrap one. */
export function asInstallation(): Principal {
  return principal({ type: 'token', uid: TOKEN_UID }, { instanceRoles: ['admin'] });
}

/** A call through a token of the organization. */
export function asOrganization(uid: string): Principal {
  return principal({ type: 'organization', uid }, { roles: { [uid]: 'admin' } });
}

function principal(actor: Actor, { instanceRoles = [], roles = {}, scopes = ['billing:*'] }: Rights): Principal {
  const isUser = actor.type === 'user';
  const ownerType = isUser ? 'user' : actor.type === 'organization' ? 'organization' : 'installation';
  return {
    actor,
    userUid: isUser ? actor.uid : null,
    instanceRoles,
    memberships: new Map(Object.entries(roles)),
    token: {
      uid: TOKEN_UID,
      prefix: 'tlp_01234567',
      type: isUser ? 'personal' : ownerType === 'organization' ? 'organization' : 'admin',
      owner: { type: ownerType, uid: ownerType === 'installation' ? 'installation' : actor.uid },
      access: { operations: true, endpoints: [] },
      scopes,
      expiresAt: null,
    },
  };
}
