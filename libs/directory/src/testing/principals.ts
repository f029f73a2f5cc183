import type { Actor, InstanceRole, MemberRole, Principal, TokenType } from '#libs/contracts';

const TOKEN_UID = 'tok_01JD00000000000000000000TK';

interface Rights {
  readonly instanceRoles?: readonly InstanceRole[];
  readonly roles?: Readonly<Record<string, MemberRole>>;
}

/** A call through a personal token of the user. */
export function asUser(uid: string, rights: Rights = {}): Principal {
  return principal({ type: 'user', uid }, 'personal', rights);
}

/** A call through an admin token of the installation, such as the bootstrap one. */
export function asInstallation(): Principal {
  return principal({ type: 'token', uid: TOKEN_UID }, 'admin', { instanceRoles: ['admin'] });
}

/** A call through a token of the organization. */
export function asOrganization(uid: string): Principal {
  return principal({ type: 'organization', uid }, 'organization', { roles: { [uid]: 'admin' } });
}

function principal(actor: Actor, type: TokenType, { instanceRoles = [], roles = {} }: Rights): Principal {
  return {
    actor,
    userUid: actor.type === 'user' ? actor.uid : null,
    instanceRoles,
    memberships: new Map(Object.entries(roles)),
    token: {
      uid: TOKEN_UID,
      prefix: 'tlp_01234567',
      type,
      owner:
        actor.type === 'token'
          ? { type: 'installation', uid: 'installation' }
          : { type: actor.type === 'user' ? 'user' : 'organization', uid: actor.uid },
      access: { operations: true, endpoints: [] },
      scopes: ['directory:*'],
      expiresAt: null,
    },
  };
}
