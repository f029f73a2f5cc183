import type { Pool } from 'pg';
import { prepared } from './table-sql.js';
import { inTransaction, type Transaction } from './transaction.js';

/** The lease is another's by now: nothing may be applied any more. */
export class LeaseLost extends Error {
  override name = 'LeaseLost';

  constructor(epoch: string) {
    super(`another projector has taken over since turn ${epoch}`);
  }
}

const TABLE = 'read_model.projector_lease';
const SETTINGS = "SET LOCAL lock_timeout = '1s'";
const TERMINATED_WITHIN_MS = 1_000;

// All instants are of PostgreSQL's clock, the one clock that the processes share.
const lapsed = prepared(`SELECT holder FROM ${TABLE} WHERE expires_at <= clock_timestamp()`);
const terminate = prepared(
  `SELECT pg_terminate_backend(pid, ${TERMINATED_WITHIN_MS})::text FROM pg_stat_activity ` +
    'WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()',
);
// FOR UPDATE is what a fence (FOR KEY SHARE) keeps waiting, and what keeps a fence waiting.
const take = prepared(
  `WITH free AS (SELECT epoch FROM ${TABLE} WHERE expires_at <= clock_timestamp() FOR UPDATE) ` +
    `UPDATE ${TABLE} lease SET epoch = lease.epoch + 1, holder = $1, ` +
    "expires_at = clock_timestamp() + $2::int * interval '1 ms' FROM free RETURNING lease.epoch::text",
);
const extend = prepared(
  `UPDATE ${TABLE} SET expires_at = clock_timestamp() + $2::int * interval '1 ms' WHERE epoch = $1::bigint ` +
    'RETURNING epoch::text',
);
const giveBack = prepared(
  `UPDATE ${TABLE} SET holder = NULL, expires_at = '-infinity' WHERE epoch = $1::bigint RETURNING epoch::text`,
);
const fence = prepared(`SELECT epoch::text FROM ${TABLE} WHERE epoch = $1::bigint FOR KEY SHARE`);

/** The name of a holder's connections, by which whoever takes over finds those that it has left open. */
export function sessionNameOf(holder: string): string {
  return `token-ledger projector ${holder}`;
}

/**
 * The right to follow the log, which one projector has at a time; it lapses when it is not renewed. Each turn has a
 * number of its own, so that a holder who was away cannot take its turn for one that still lasts.
 */
export class ProjectorLease {
  private constructor(
    private readonly pool: Pool,
    readonly epoch: string,
    private readonly ttlMs: number,
  ) {}

  /**
   * Takes the lease when nobody has it; null when somebody does. Ends the connections of a holder that has let it lapse:
   * one that stands still (SIGSTOP, a paused machine) may have left a transaction open whose locks nobody could pass.
   */
  static async tryAcquire(pool: Pool, holder: string, ttlMs: number): Promise<ProjectorLease | null> {
    const [row] = await inTransaction(pool, (transaction) => transaction.query(lapsed));
    if (row === undefined) return null;
    const [before] = row;
    if (before !== null && before !== undefined) await endSessions(pool, before);
    const taken = await inTransaction(pool, (transaction) => transaction.query(take, [holder, ttlMs]), SETTINGS);
    const epoch = taken[0]?.[0];
    return typeof epoch === 'string' ? new ProjectorLease(pool, epoch, ttlMs) : null;
  }

  /** Makes it last from now on; false when it is another's. */
  async renew(): Promise<boolean> {
    const rows = await inTransaction(this.pool, (each) => each.query(extend, [this.epoch, this.ttlMs]), SETTINGS);
    return rows.length > 0;
  }

  /** Gives it back, so that another can take it at once. */
  async release(): Promise<void> {
    await inTransaction(this.pool, (transaction) => transaction.query(giveBack, [this.epoch]), SETTINGS);
  }

  /**
   * Throws LeaseLost unless the turn lasts until the end of the transaction: whoever wants to take over waits for it.
   * To be called before anything is read that the transaction builds on.
   */
  async fence(transaction: Transaction): Promise<void> {
    const rows = await transaction.query(fence, [this.epoch]);
    if (rows.length === 0) throw new LeaseLost(this.epoch);
  }
}

async function endSessions(pool: Pool, holder: string): Promise<void> {
  await inTransaction(pool, (transaction) => transaction.query(terminate, [sessionNameOf(holder)]));
}
