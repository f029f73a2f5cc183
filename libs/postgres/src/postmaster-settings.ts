import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** For two cores and little idle memory. Times are UTC in the log as everywhere else. */
const DEFAULTS: Readonly<Record<string, string>> = {
  shared_buffers: '128MB',
  max_connections: '60',
  wal_compression: 'on',
  max_wal_size: '2GB',
  // A new WAL file is 16 MiB that would be written twice: nobody is answered meanwhile, up to 50 ms of each second of full
  // load until the first checkpoints leave files to use again. No file system is trusted with more by leaving it out: what
  // is written to the file is flushed all the same.
  wal_init_zero: 'off',
  checkpoint_timeout: '15min',
  jit: 'off',
  autovacuum: 'on',
  io_workers: '2',
  // Logical replication is not used; without it its launcher is not started.
  max_logical_replication_workers: '0',
  cluster_name: 'token-ledger',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '[%p] ',
};

/** What the ledger's promises rest on: an answer means that the events are on disk, and nobody else can connect. */
const FIXED: Readonly<Record<string, string>> = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  listen_addresses: '',
  unix_socket_permissions: '0700',
  log_destination: 'stderr',
  logging_collector: 'off',
};

const SET_BY_SUPERVISOR = new Set(['unix_socket_directories', 'port', 'data_directory', 'hba_file']);

/**
 * The command line settings of the server: the defaults, overridden by `settings`, and what must not be changed.
 * @throws EmbeddedPostgresError when `settings` would take away durability or open the server to others.
 */
export function postmasterSettings(settings: Readonly<Record<string, string>>): Record<string, string> {
  for (const [name, value] of Object.entries(settings)) {
    const fixed = FIXED[name];
    if (!SET_BY_SUPERVISOR.has(name) && (fixed === undefined || fixed === value)) continue;
    throw new EmbeddedPostgresError({
      what: `Cannot start the embedded PostgreSQL with ${name}=${value}`,
      why: 'the ledger promises that what it answered is on disk and that only it can reach its database',
      fix: 'Leave this setting out, or set DATABASE_URL to a PostgreSQL server that you configure',
    });
  }
  return { ...DEFAULTS, ...settings, ...FIXED };
}

/** `-c name=value` for each setting. */
export function settingsArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** A list setting with one directory in it: quoted, because a comma or a blank would end an unquoted one. */
export function quotedDirectory(directory: string): string {
  return `"${directory.replaceAll('"', '""')}"`;
}
