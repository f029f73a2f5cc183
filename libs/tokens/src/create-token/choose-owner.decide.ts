import { hasInstanceRole, hasRoleIn, type Principal, refuse, refuseField, type TokenOwner } from '#libs/contracts';
import { requireNoWider } from '../domain/no-wider-rule.js';
import type { CreateToken } from './create-token.command.js';

type Wish = Pick<CreateToken['data'], 'type' | 'owner'> &
  Partial<Pick<CreateToken['data'], 'scopes' | 'organizations'>>;

const DENIED = {
  admin: 'An admin token needs the permission CREATE_API_TOKEN, which instance admins hold.',
  user: 'A personal token is made by its user, or by an instance admin.',
  organization: 'Tokens of an organization are made by its admins.',
} as const;
const INSTALLATION: TokenOwner = { type: 'installation', uid: 'installation' };

/**
 * Whose the new token is to be, where the caller may make it. Every user makes personal tokens of its own, whatever its
 * roles in organizations: a personal token can never do more than its owner may at the moment of each use. Admins of
 * an organization make its tokens; instance admins make all of them. No token makes one that is wider than itself.
 * Refuses `owner_required`, `validation_failed`, and `permission_denied` alike for owners that exist and that do not.
 */
export function chooseOwner(principal: Principal, wish: Wish): TokenOwner {
  const { user, organization } = wish.owner ?? {};
  if (wish.owner !== undefined && (user === undefined) === (organization === undefined)) {
    throw refuseField('owner', 'names either a user or an organization');
  }
  // Tokens of an organization reach no other, so only personal ones are narrowed.
  const organizations = wish.type === 'personal' ? (wish.organizations ?? null) : undefined;
  requireNoWider(principal, { scopes: wish.scopes ?? ['*'], organizations });
  switch (wish.type) {
    case 'personal':
      if (organization !== undefined) throw refuseField('owner.organization', 'cannot own a personal token');
      return ownedByUser(principal, user);
    case 'organization':
      if (user !== undefined) throw refuseField('owner.user', 'cannot own a token of an organization');
      return ownedByOrganization(principal, organization);
    case 'admin':
      if (wish.owner !== undefined) throw refuseField('owner', 'is the installation for an admin token');
      if (!hasInstanceRole(principal, 'admin')) throw refuse('permission_denied', { detail: DENIED.admin });
      return INSTALLATION;
  }
}

function ownedByUser(principal: Principal, user: string | undefined): TokenOwner {
  const uid = user ?? principal.userUid;
  if (uid === null) throw refuse('owner_required', { detail: 'Name the user in `owner.user`.' });
  if (uid !== principal.userUid && !hasInstanceRole(principal, 'admin')) {
    throw refuse('permission_denied', { detail: DENIED.user });
  }
  return { type: 'user', uid };
}

function ownedByOrganization(principal: Principal, organization: string | undefined): TokenOwner {
  const { actor } = principal;
  const uid = organization ?? (actor.type === 'organization' ? actor.uid : undefined);
  if (uid === undefined) throw refuse('owner_required', { detail: 'Name the organization in `owner.organization`.' });
  if (!hasInstanceRole(principal, 'admin') && !hasRoleIn(principal, uid, 'admin')) {
    throw refuse('permission_denied', { detail: DENIED.organization });
  }
  return { type: 'organization', uid };
}
