import { type DataSource, In } from 'typeorm';
import { type LastUseColumns, NEVER_USED } from './token-columns.js';
import { TokenEntity } from './token.entity.js';

/** When and from where a token was last used, as far as the read model has come; all null: never. */
export interface LastUse {
  /** RFC 3339. */
  readonly lastUsedAt: string | null;
  readonly lastUsedIp: string | null;
  readonly lastUsedUserAgent: string | null;
  /** Organization that this use named to be charged. */
  readonly lastUsedRequester: string | null;
}

export const NO_USE: LastUse = lastUseOf(NEVER_USED);

/** The last use that a row holds. */
export function lastUseOf(row: LastUseColumns): LastUse {
  return {
    lastUsedAt: row.last_used_at,
    lastUsedIp: row.last_used_ip,
    lastUsedUserAgent: row.last_used_user_agent,
    lastUsedRequester: row.last_used_requester,
  };
}

/** Last uses by token uid; a token that the read model does not know yet is not in it. */
export async function readLastUses(
  dataSource: DataSource,
  tokenUids: readonly string[],
): Promise<ReadonlyMap<string, LastUse>> {
  const rows = await dataSource.getRepository(TokenEntity).find({
    where: { uid: In([...tokenUids]) },
    select: {
      uid: true,
      last_used_at: true,
      last_used_ip: true,
      last_used_user_agent: true,
      last_used_requester: true,
    },
  });
  return new Map(rows.map((row) => [row.uid, lastUseOf(row)]));
}
