import { type ErrorCode, scopesCover } from '#libs/contracts';
import { type BornToken, ipInCidrs, statusAt } from '#libs/tokens/domain';
import type { UseRequest } from './use-request.js';

/** Why a token is no good at all right now, whatever it is asked for; null when it is. */
export function standingRefusal(token: BornToken, ownerIsActive: boolean, at: number): ErrorCode | null {
  switch (statusAt(token, at)) {
    case 'revoked':
      return 'revoked_token';
    case 'disabled':
      return 'disabled_token';
    case 'expired':
      return 'expired_token';
    default:
      return ownerIsActive ? null : 'owner_inactive';
  }
}

/** Why a good token may not do what is asked; null when it may. Cheap questions in the order of the contract's table. */
export function reachRefusal(token: BornToken, request: UseRequest): ErrorCode | null {
  if (!isFromAllowedAddress(token, request.ip)) return 'ip_not_allowed';
  if (request.scope !== null && !scopesCover(token.scopes, request.scope)) return 'insufficient_scope';
  if (request.resource !== null && !reaches(token, request.resource)) return 'resource_not_allowed';
  if (request.project !== null && !includes(token.projects, request.project)) return 'project_not_allowed';
  const isElsewhere = token.environment !== null && token.environment !== request.environment;
  return request.environment !== null && isElsewhere ? 'environment_not_allowed' : null;
}

/** A token that is bound to addresses is refused where none is known. */
export function isFromAllowedAddress({ allowedIps }: BornToken, ip: string | null): boolean {
  return allowedIps === null || (ip !== null && ipInCidrs(ip, allowedIps));
}

function reaches({ access }: BornToken, resource: string): boolean {
  return access.endpoints === 'all' || access.endpoints.includes(resource);
}

function includes(projects: readonly string[], project: string): boolean {
  return projects.includes('*') || projects.includes(project);
}
