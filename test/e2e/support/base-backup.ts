import { cp, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import pg from 'pg';

/** What a running server writes for itself, and what is copied last. */
const NOT_COPIED = new Set(['postmaster.pid', 'postmaster.opts', 'pg_wal', 'socket']);

export interface BackedUp {
  readonly connectionString: string;
  readonly dataDir: string;
  /** Made. */
  readonly target: string;
}

/**
 * A copy of the files of a PostgreSQL that goes on running, taken as pg_basebackup does: the programs that the product
 * brings with it have no client.
 */
export class BaseBackup {
  private constructor(
    private readonly client: pg.Client,
    private readonly options: BackedUp,
  ) {}

  /** Copies everything but what makes the copy consistent. */
  static async begin(options: BackedUp): Promise<BaseBackup> {
    const client = new pg.Client({ connectionString: options.connectionString });
    await client.connect();
    // The session that begins a backup has to end it.
    await client.query("SELECT pg_backup_start('test', fast => true)");
    const filter = (path: string) => !NOT_COPIED.has(basename(path));
    await cp(options.dataDir, options.target, { recursive: true, filter });
    return new BaseBackup(client, options);
  }

  /** Resolves when everything that was committed before this call is in the copy. */
  async end(): Promise<void> {
    const { dataDir, target } = this.options;
    const { rows } = await this.client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)',
    );
    await this.client.end();
    await writeFile(join(target, 'backup_label'), rows[0]!.labelfile);
    await mkdir(join(target, 'pg_wal'));
    await cp(join(dataDir, 'pg_wal'), join(target, 'pg_wal'), { recursive: true });
  }
}
