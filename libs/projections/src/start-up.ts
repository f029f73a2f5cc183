import { START } from '#libs/event-log';
import type { Pool } from 'pg';
import { checkpoints, frontOf } from './checkpoints.js';
import type { Projection } from './projection.js';
import { RebuildLock } from './rebuild-lock.js';
import { SHADOW_SUFFIX } from './shadow-table.js';
import { qualified, SCHEMA } from './table-sql.js';
import { inTransaction, type Transaction } from './transaction.js';

const LEFT_OVER = `'%${SHADOW_SUFFIX.replaceAll('_', '\\_')}'`;

/** Removes what a rebuild that was killed left behind, unless one is under way. */
export async function removeLeftOversUnlessRebuilding(pool: Pool): Promise<void> {
  const lock = await RebuildLock.tryAcquire(pool);
  if (lock === null) return;
  try {
    await removeLeftOvers(pool);
  } finally {
    await lock.release();
  }
}

/** Removes all copies of tables, with their checkpoints and dead letters; only for who holds the lock of rebuilds. */
export async function removeLeftOvers(pool: Pool): Promise<void> {
  await inTransaction(pool, async (transaction) => {
    const sql = `SELECT tablename::text FROM pg_tables WHERE schemaname = '${SCHEMA}' AND tablename LIKE ${LEFT_OVER}`;
    for (const [table] of await transaction.query(sql))
      await transaction.query(`DROP TABLE ${qualified(table as string)}`);
    await transaction.query(`DELETE FROM ${SCHEMA}.projection_checkpoints WHERE name LIKE ${LEFT_OVER}`);
    await transaction.query(`DELETE FROM ${SCHEMA}.dead_letters WHERE projection LIKE ${LEFT_OVER}`);
  });
}

/**
 * Makes the checkpoints that are missing. Where nothing at all has been applied yet, tables that hold rows are
 * emptied: their checkpoints were lost, and folding onto them would count every event twice. (A single projection
 * without a checkpoint is rebuilt beside the others, so its table may stay until then.)
 */
export async function prepareTables(pool: Pool, projections: readonly Projection[], instant: string): Promise<void> {
  await inTransaction(pool, async (transaction) => {
    const names = projections.map(({ name }) => name);
    const found = await checkpoints.lock(transaction, names, instant);
    if (frontOf(found) !== START) return;
    for (const { table } of projections) await emptyTable(transaction, qualified(table.name));
  });
}

async function emptyTable(transaction: Transaction, table: string): Promise<void> {
  const [row] = await transaction.query(`SELECT EXISTS (SELECT FROM ${table})::text`);
  if (row?.[0] === 'true') await transaction.query(`TRUNCATE ${table}`);
}
