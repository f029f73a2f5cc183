import { refuse } from '#libs/contracts';
import { assert } from '#libs/kernel';
import type { Pool, PoolClient } from 'pg';

/** Key of the advisory lock; one rebuild at a time per database. */
const LOCK = { class: 18_001, object: 1 } as const;

/** SQL that tells whether a rebuild is under way, on any connection. */
export const REBUILD_UNDER_WAY = `EXISTS (
  SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
  WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.granted
    AND l.classid = ${LOCK.class} AND l.objid = ${LOCK.object})`;

/** Held by the one rebuild of a database, on a connection of its own; ends with it, even when the process is killed. */
export class RebuildLock {
  private lost = false;

  private constructor(private readonly client: PoolClient) {
    client.on('error', this.lose);
    client.on('end', this.lose);
  }

  /** Takes the lock; null when a rebuild holds it. */
  static async tryAcquire(pool: Pool): Promise<RebuildLock | null> {
    const client = await pool.connect();
    const lock = new RebuildLock(client);
    try {
      const sql = `SELECT pg_try_advisory_lock(${LOCK.class}, ${LOCK.object}) AS taken`;
      const { rows } = await client.query<{ taken: boolean }>(sql);
      if (rows[0]?.taken === true) return lock;
    } catch (error) {
      lock.giveBack(true);
      throw error;
    }
    lock.giveBack(false);
    return null;
  }

  /** Takes the lock; refused with `conflict` when a rebuild holds it. */
  static async acquire(pool: Pool): Promise<RebuildLock> {
    const lock = await RebuildLock.tryAcquire(pool);
    if (lock === null) throw refuse('conflict', { detail: 'A rebuild of the read models is under way already.' });
    return lock;
  }

  /** Throws when the connection has broken, for then another rebuild may have begun. */
  check(): void {
    assert(!this.lost, 'the rebuild lost the connection that kept others from rebuilding');
  }

  async release(): Promise<void> {
    const broken = await this.client.query(`SELECT pg_advisory_unlock(${LOCK.class}, ${LOCK.object})`).then(
      () => false,
      () => true,
    );
    this.giveBack(broken);
  }

  private readonly lose = (): void => {
    this.lost = true;
  };

  private giveBack(broken: boolean): void {
    this.client.off('error', this.lose);
    this.client.off('end', this.lose);
    this.client.release(broken);
  }
}
