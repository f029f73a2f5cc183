import type { Pool } from 'pg';
import type { Projection } from './projection.js';
import { qualified, quoted } from './table-sql.js';
import { Transaction } from './transaction.js';

/** What a read model holds, in a form to compare: equal digests mean the same rows, in whatever order they lie. */
export interface ReadModelDigest {
  readonly projection: string;
  readonly table: string;
  readonly rows: number;
  readonly digest: string;
}

const SETTINGS =
  "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL enable_seqscan = on; SET LOCAL timezone = 'UTC'";

/**
 * Digests of all tables as of one moment. A digest is the SHA-256 of the sorted SHA-256s of the rows, each row as
 * the text of its declared columns.
 */
export async function digestTables(pool: Pool, projections: readonly Projection[]): Promise<ReadModelDigest[]> {
  const transaction = await Transaction.begin(pool, SETTINGS);
  try {
    const digests: ReadModelDigest[] = [];
    for (const { name, table } of projections) {
      const columns = Object.keys(table.columns).map(quoted).join(', ');
      const [row] = await transaction.query(
        `SELECT count(*)::text, encode(sha256(coalesce(string_agg(hash, ''::bytea ORDER BY hash), ''::bytea)), 'hex') ` +
          `FROM (SELECT sha256(convert_to(ROW(${columns})::text, 'UTF8')) AS hash FROM ${qualified(table.name)}) hashes`,
      );
      digests.push({ projection: name, table: table.name, rows: Number(row?.[0]), digest: row?.[1] ?? '' });
    }
    return digests;
  } finally {
    await transaction.rollback();
  }
}
