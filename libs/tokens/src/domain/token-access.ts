import { hasInstanceRole, hasRoleIn, type Principal, refuse } from '#libs/contracts';
import type { BornToken, Token } from './token.js';

type Owned = Pick<Token, 'owner' | 'type'>;

/** True for instance admins and auditors: they see every token, but admin tokens, which only admins see. */
export function seesEveryToken(principal: Principal): boolean {
  return hasInstanceRole(principal, 'admin', 'auditor');
}

/** True when the caller may know of the token: of its own, of those of its organizations, with an instance role of all. */
export function seesToken(principal: Principal, { owner, type }: Owned): boolean {
  if (hasInstanceRole(principal, 'admin')) return true;
  if (type === 'admin' || owner.type === 'installation') return false;
  if (seesEveryToken(principal)) return true;
  return owner.type === 'user' ? owner.uid === principal.userUid : principal.memberships.has(owner.uid);
}

/** True when the caller may change and end the token: its user, the admins of its organization, instance admins. */
export function managesToken(principal: Principal, { owner, type }: Owned): boolean {
  if (hasInstanceRole(principal, 'admin')) return true;
  if (type === 'admin' || owner.type === 'installation') return false;
  return owner.type === 'user' ? owner.uid === principal.userUid : hasRoleIn(principal, owner.uid, 'admin');
}

/** Refuses `permission_denied` unless the caller may manage the token, `not_found` where it may not know of it. */
export function requireManaged(token: BornToken, principal: Principal): void {
  if (!seesToken(principal, token)) throw refuse('not_found');
  if (!managesToken(principal, token)) throw refuse('permission_denied');
}
