import { type Principal, refuse, scopesCover } from '#libs/contracts';

/** What a token is to be given. */
export interface Reach {
  readonly scopes?: readonly string[] | undefined;
  /** Organizations that it is to be narrowed to; null: all of its owner. */
  readonly organizations?: readonly string[] | null | undefined;
}

/**
 * Whoever calls by a narrowed token can hand out no more than it has: else a leaked token for one purpose could make
 * itself, or another one, good for everything. Refuses `permission_denied`.
 */
export function requireNoWider({ token }: Principal, { scopes, organizations }: Reach): void {
  const excess = scopes?.find((scope) => !scopesCover(token.scopes, scope));
  if (excess !== undefined) {
    throw refuse('permission_denied', {
      detail: `The calling token does not have the scope ${excess}, and cannot give it.`,
    });
  }
  const own = token.organizations ?? null;
  if (own === null || organizations === undefined) return;
  if (organizations === null || !organizations.every((uid) => own.includes(uid))) {
    throw refuse('permission_denied', {
      detail: 'The calling token is narrowed to organizations, and cannot reach further.',
    });
  }
}
