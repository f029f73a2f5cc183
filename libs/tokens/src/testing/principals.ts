import type { Actor, InstanceRole, MemberRole, Principal, TokenOwner, TokenType } from '#libs/contracts';

const CREDENTIAL = 'tok_01JD0000000000000000CREDNT';

interface Rights {
  readonly instanceRoles?: readonly InstanceRole[];
  /** Role by organization uid. */
  readonly roles?: Readonly<Record<string, MemberRole>>;
}

/** A call through a personal token of the user. */
export function asUser(uid: string, rights: Rights = {}): Principal {
  return principal({ type: 'user', uid }, { type: 'user', uid }, rights);
}

/** A call through an admin token of the installation, such as the bootstrap one. */
export function asInstallation(): Principal {
  const owner = { type: 'installation', uid: 'installation' } as const;
  return principal({ type: 'token', uid: CREDENTIAL }, owner, { instanceRoles: ['admin'] });
}

/** A call through a token of the organization. */
export function asOrganization(uid: string): Principal {
  return principal({ type: 'organization', uid }, { type: 'organization', uid }, { roles: { [uid]: 'admin' } });
}

const TYPE_OF_OWNER: Readonly<Record<TokenOwner['type'], TokenType>> = {
  user: 'personal',
  organization: 'organization',
  installation: 'admin',
};

function principal(actor: Actor, owner: TokenOwner, { instanceRoles = [], roles = {} }: Rights): Principal {
  return {
    actor,
    userUid: owner.type === 'user' ? owner.uid : null,
    instanceRoles,
    memberships: new Map(Object.entries(roles)),
    token: {
      uid: CREDENTIAL,
      prefix: 'tlp_01234567',
      type: TYPE_OF_OWNER[owner.type],
      owner,
      access: { operations: true, endpoints: [] },
      scopes: ['*'],
      expiresAt: null,
    },
  };
}
