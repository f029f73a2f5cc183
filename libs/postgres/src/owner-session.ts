import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { LivePostmaster } from './await-postmaster.js';
import { connectionString } from './connection-string.js';
import { DataDirectoryInUse, EmbeddedPostgresError } from './embedded-postgres-error.js';

/** Key of the advisory lock in the database `postgres` that the ledger owning the server holds. */
const OWNER_LOCK = 7_160_226_501;
const APPLICATION_NAME = 'token-ledger owner ';
const POLL_MS = 20;
/** The session of a ledger that was killed a moment ago ends within milliseconds. */
const LOCK_PATIENCE_MS = 2_000;
const CONNECT_PATIENCE_MS = 30_000;
/** Not yet: the server starts, recovers, or has not opened its socket. */
const NOT_YET = ['57P03', 'ECONNREFUSED', 'ENOENT', 'ECONNRESET'];

/**
 * The connection that a ledger keeps to the server it owns. It holds the lock that makes it the only owner, which ends
 * with the process however that ends, and its loss is how the death of an adopted server is noticed.
 */
export class OwnerSession {
  /** Resolves when the connection is gone, wanted or not. */
  readonly ended: Promise<void>;

  private constructor(private readonly client: pg.Client) {
    this.ended = new Promise((resolve) => client.once('end', resolve));
  }

  /**
   * Connects and becomes the owner. @throws DataDirectoryInUse when another ledger is, EmbeddedPostgresError when the
   * server does not answer or serves other data.
   */
  static async open(postmaster: LivePostmaster, dataDir: string, isRunning: () => boolean): Promise<OwnerSession> {
    const session = new OwnerSession(await connectPatiently(postmaster, isRunning));
    try {
      await session.checkDataDirectory(dataDir);
      await session.lock(dataDir);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async createDatabase(name: string): Promise<void> {
    const found = await this.client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await this.client.query(`create database ${pg.escapeIdentifier(name)}`);
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }

  private async checkDataDirectory(dataDir: string): Promise<void> {
    const { rows } = await this.client.query<{ data_directory: string }>('show data_directory');
    const served = rows[0]?.data_directory ?? '';
    if ((await realpath(served).catch(() => served)) === dataDir) return;
    throw new EmbeddedPostgresError({
      what: `Cannot use ${dataDir}`,
      why: `the PostgreSQL that answers there serves ${served}; a directory must not be moved while it is in use`,
      fix: 'Stop that PostgreSQL with SIGINT and start again',
    });
  }

  private async lock(dataDir: string): Promise<void> {
    const startedAt = performance.now();
    for (;;) {
      const { rows } = await this.client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
        OWNER_LOCK,
      ]);
      if (rows[0]?.locked === true) return;
      if (performance.now() - startedAt > LOCK_PATIENCE_MS) {
        throw new DataDirectoryInUse(dataDir, await this.ownerPid());
      }
      await delay(POLL_MS);
    }
  }

  private async ownerPid(): Promise<number | undefined> {
    const { rows } = await this.client.query<{ application_name: string }>(
      `select application_name from pg_locks join pg_stat_activity using (pid)
       where locktype = 'advisory' and granted and (classid::bigint << 32) + objid::bigint = $1`,
      [OWNER_LOCK],
    );
    const pid = Number(rows[0]?.application_name.slice(APPLICATION_NAME.length));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  }
}

async function connectPatiently(postmaster: LivePostmaster, isRunning: () => boolean): Promise<pg.Client> {
  const startedAt = performance.now();
  for (;;) {
    const client = new pg.Client({
      connectionString: connectionString(postmaster.socketDirectory, 'postgres'),
      application_name: `${APPLICATION_NAME}${process.pid}`,
      connectionTimeoutMillis: 5_000,
    });
    // A server that goes away is reported through `ended`; without a listener it would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const waitedMs = performance.now() - startedAt;
      if (!isRunning() || !isNotYet(error) || waitedMs > CONNECT_PATIENCE_MS) throw notAnswering(postmaster, error);
    }
    await delay(POLL_MS);
  }
}

function isNotYet(error: unknown): boolean {
  return NOT_YET.includes((error as { code?: string }).code ?? '');
}

function notAnswering(postmaster: LivePostmaster, cause: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError({
    what: 'Cannot use the embedded PostgreSQL',
    why: `process ${postmaster.pid} does not answer on the socket in ${postmaster.socketDirectory} (${(cause as Error).message})`,
    fix: `If it is hung, end it with: kill -INT ${postmaster.pid}, and start again`,
    cause,
  });
}
