import type { DataSource } from 'typeorm';
import type { LastUseColumns } from './usage.projections.js';

/** When and from where a token was last used, as far as the read model has come; all null: never. */
export interface LastUse {
  /** RFC 3339. */
  readonly lastUsedAt: string | null;
  readonly lastUsedIp: string | null;
  readonly lastUsedUserAgent: string | null;
  /** Organization that this use named to be charged. */
  readonly lastUsedRequester: string | null;
}

export const NO_USE: LastUse = {
  lastUsedAt: null,
  lastUsedIp: null,
  lastUsedUserAgent: null,
  lastUsedRequester: null,
};

/** The row of a token names the hour of its last use, and that hour's usage has the rest. */
const LAST_USES = `
  SELECT DISTINCT ON (usage.token_uid) usage.token_uid, usage.last_used_at, usage.last_used_ip,
    usage.last_used_user_agent, usage.last_used_requester
  FROM read_model.tokens token
  JOIN read_model.usage_hours usage ON usage.token_uid = token.uid AND usage.bucket = token.last_used_hour
  WHERE token.uid = ANY($1) AND usage.last_used_at IS NOT NULL
  ORDER BY usage.token_uid, usage.last_used_at DESC, usage.outcome`;

/**
 * The exact instant of a token's last use as SQL over the row `token`, null when there was none. Within the hour that
 * the row names; should usage have been rebuilt from a log that no longer holds it, the hour itself.
 */
export const LAST_USED_AT = `COALESCE((SELECT max(usage.last_used_at) FROM read_model.usage_hours usage
  WHERE usage.token_uid = token.uid AND usage.bucket = token.last_used_hour), token.last_used_hour)`;

type Found = Omit<LastUseColumns, 'last_used_at'> & { readonly token_uid: string; readonly last_used_at: Date };

/** Last uses by token uid; a token that was never used, as far as the read model knows, is not in it. */
export async function readLastUses(
  dataSource: DataSource,
  tokenUids: readonly string[],
): Promise<ReadonlyMap<string, LastUse>> {
  if (tokenUids.length === 0) return new Map();
  const rows = await dataSource.query<Found[]>(LAST_USES, [tokenUids]);
  return new Map(
    rows.map((row) => [
      row.token_uid,
      {
        lastUsedAt: row.last_used_at.toISOString(),
        lastUsedIp: row.last_used_ip,
        lastUsedUserAgent: row.last_used_user_agent,
        lastUsedRequester: row.last_used_requester,
      },
    ]),
  );
}

/** The last use of one token. */
export async function readLastUse(dataSource: DataSource, tokenUid: string): Promise<LastUse> {
  return (await readLastUses(dataSource, [tokenUid])).get(tokenUid) ?? NO_USE;
}
