import type { TokenAccess, TokenOwner, TokenType } from '#libs/contracts';
import { expiresAtMsOf } from '../domain/evolve-token.js';
import type { BornToken, Token, TokenActor } from '../domain/token.js';

/** A secret as the read model keeps it: without anything that could confirm it. */
type StoredSecret = {
  readonly version: number;
  readonly keyId: string;
  readonly createdAt: string;
  readonly retiresAt: string | null;
};

/** What the fold of a token's own events leaves in its row. Instants are RFC 3339. */
type TokenOnlyColumns = {
  readonly uid: string;
  readonly type: TokenType;
  readonly owner_type: TokenOwner['type'];
  readonly owner_uid: string;
  readonly handle: string;
  readonly name: string;
  /** The name in lower case, to sort by. */
  readonly name_key: string;
  readonly description: string;
  readonly prefix: string;
  /** As recorded; a token may have expired by the clock before that. */
  readonly status: 'active' | 'disabled' | 'revoked' | 'expired';
  readonly access: TokenAccess;
  readonly scopes: readonly string[];
  readonly projects: readonly string[];
  readonly environment: string | null;
  readonly organizations: readonly string[] | null;
  readonly allowed_ips: readonly string[] | null;
  readonly created_at: string;
  readonly created_by_type: TokenActor['type'];
  readonly created_by_uid: string;
  readonly expires_at: string | null;
  readonly never_reason: string | null;
  readonly unused_since: string | null;
  readonly revoked_at: string | null;
  readonly revoked_by_type: TokenActor['type'] | null;
  readonly revoked_by_uid: string | null;
  readonly revoke_reason: string | null;
  readonly secret_versions: readonly StoredSecret[];
  readonly custody: Token['custody'];
  readonly metadata: Readonly<Record<string, string>>;
  /** What `q` looks through, in lower case. */
  readonly search: string;
};

/** A row of `read_model.tokens`. */
export type TokenColumns = TokenOnlyColumns & {
  /**
   * Beginning of the hour of the last use; null: never used. The use itself stands in the usage of that hour: this row is
   * wide and has many indexes, so it is not written at every use, but once in an hour.
   */
  readonly last_used_hour: string | null;
};

/** The row of a token without its last use. */
export function columnsOf(token: BornToken): TokenOnlyColumns {
  const revocation = token.phase === 'revoked' ? token : null;
  return {
    uid: token.uid,
    type: token.type,
    owner_type: token.owner.type,
    owner_uid: token.owner.uid,
    handle: token.handle,
    name: token.name,
    name_key: token.name.toLowerCase(),
    description: token.description,
    prefix: token.prefix,
    status: recordedStatus(token),
    access: token.access,
    scopes: token.scopes,
    projects: token.projects,
    environment: token.environment,
    organizations: token.organizations,
    allowed_ips: token.allowedIps,
    created_at: token.createdAt,
    created_by_type: token.createdBy.type,
    created_by_uid: token.createdBy.uid,
    expires_at: token.expiresAt,
    never_reason: token.neverReason,
    unused_since: token.unusedSince,
    revoked_at: revocation?.revokedAt ?? null,
    revoked_by_type: revocation?.revokedBy.type ?? null,
    revoked_by_uid: revocation?.revokedBy.uid ?? null,
    revoke_reason: revocation?.revokeReason ?? null,
    secret_versions: token.secretVersions.map(({ version, keyId, createdAt, retiresAt }) => {
      return { version, keyId, createdAt, retiresAt };
    }),
    custody: token.custody,
    metadata: token.metadata,
    search: searchText(token),
  };
}

/** The token that a row holds, without verifiers. */
export function tokenOf(row: TokenOnlyColumns): BornToken {
  const token: Token = {
    uid: row.uid,
    type: row.type,
    owner: { type: row.owner_type, uid: row.owner_uid },
    handle: row.handle,
    name: row.name,
    description: row.description,
    prefix: row.prefix,
    access: row.access,
    scopes: row.scopes,
    projects: row.projects,
    environment: row.environment,
    organizations: row.organizations,
    allowedIps: row.allowed_ips,
    createdAt: row.created_at,
    createdBy: { type: row.created_by_type, uid: row.created_by_uid },
    expiresAt: row.expires_at,
    expiresAtMs: expiresAtMsOf(row.expires_at),
    neverReason: row.never_reason,
    unusedSince: row.unused_since,
    secretVersions: row.secret_versions.map((secret) => ({ ...secret, verifier: null, pepperId: null })),
    custody: row.custody,
    metadata: row.metadata,
  };
  switch (row.status) {
    case 'active':
    case 'disabled':
      return { ...token, phase: 'live', disabled: row.status === 'disabled' };
    case 'expired':
      return { ...token, phase: 'expired' };
    case 'revoked':
      return {
        ...token,
        phase: 'revoked',
        revokedAt: row.revoked_at ?? '',
        revokedBy: { type: row.revoked_by_type ?? 'system', uid: row.revoked_by_uid ?? '' },
        revokeReason: row.revoke_reason,
      };
  }
}

function recordedStatus(token: BornToken): TokenColumns['status'] {
  if (token.phase !== 'live') return token.phase;
  return token.disabled ? 'disabled' : 'active';
}

/** Lines, so that nothing is found across the end of one field and the beginning of the next. */
function searchText({ name, handle, prefix, type, projects, environment }: BornToken): string {
  const named = projects.filter((project) => project !== '*');
  return [name, handle, prefix, type, ...named, environment ?? ''].join('\n').toLowerCase();
}
