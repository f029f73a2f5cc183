import { chown, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Cluster, DATABASE_USER } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { isAlive } from './process-info.js';
import { spawnAs } from './run-as.js';

/** Major version of the programs; the data of another one cannot be read by them. */
const MAJOR_VERSION = '18';

/**
 * Makes the data directory unless it is there. It appears complete and on disk or not at all: an interrupted first
 * start leaves only a folder beside it, which the next one removes.
 *
 * @throws EmbeddedPostgresError for data of another major version, and for a folder that holds something else.
 */
export async function initCluster(cluster: Cluster): Promise<void> {
  if (await isInitialised(cluster.dataDir)) return;
  await removeLeftovers(cluster.dataDir);
  const draft = `${cluster.dataDir}.tmp-${process.pid}`;
  try {
    await runInitdb(cluster, draft);
    await putInPlace(draft, cluster.dataDir);
  } finally {
    await rm(draft, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function isInitialised(dataDir: string): Promise<boolean> {
  const version = await unlessAbsent(readFile(join(dataDir, 'PG_VERSION'), 'utf8'));
  if (version?.trim() === MAJOR_VERSION) return true;
  if (version !== undefined) {
    throw new EmbeddedPostgresError({
      what: `Cannot use ${dataDir}`,
      why: `it was written by PostgreSQL ${version.trim()} and this version of the ledger brings PostgreSQL ${MAJOR_VERSION}`,
      fix: 'Make a backup with the version of the ledger that wrote it, and restore that into a new directory',
    });
  }
  const names = (await unlessAbsent(readdir(dataDir))) ?? [];
  if (names.length === 0) return false;
  throw new EmbeddedPostgresError({
    what: `Cannot use ${dataDir}`,
    why: `it is not empty (${names.slice(0, 3).join(', ')}) and not a data directory of PostgreSQL`,
    fix: 'Set TOKEN_LEDGER_DATA_DIR to a new or empty directory',
  });
}

function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Removes what first starts left that did not get to their end. */
async function removeLeftovers(dataDir: string): Promise<void> {
  const prefix = `${basename(dataDir)}.tmp-`;
  for (const name of await readdir(dirname(dataDir))) {
    const pid = Number(name.slice(prefix.length));
    if (!name.startsWith(prefix) || !Number.isInteger(pid)) continue;
    if (pid !== process.pid && isAlive(pid)) continue;
    await rm(join(dirname(dataDir), name), { recursive: true, force: true, maxRetries: 5 });
  }
}

async function runInitdb(cluster: Cluster, draft: string): Promise<void> {
  let output = await initdb(cluster, draft, 'C.UTF-8');
  if (output !== undefined && /invalid locale/.test(output)) output = await initdb(cluster, draft, 'C');
  if (output === undefined) return;
  throw new EmbeddedPostgresError({
    what: `Cannot make the data directory ${cluster.dataDir}`,
    why: `initdb says: ${output.trim().split('\n').slice(-5).join(' / ')}`,
    fix: 'Check the free space and the permissions there, or set DATABASE_URL to a PostgreSQL server that you run',
  });
}

/**
 * Runs initdb, which also brings its files to disk. The order of texts is PostgreSQL's own C.UTF-8 with either locale
 * of the system, so that a data directory means the same on another machine.
 *
 * @returns undefined, or the output of a run that failed.
 */
async function initdb(cluster: Cluster, draft: string, locale: string): Promise<string | undefined> {
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const { owner } = cluster.runAs;
  if (owner) await chown(draft, owner.uid, owner.gid);
  const command = [
    cluster.binaries.initdb,
    `--pgdata=${draft}`,
    `--username=${DATABASE_USER}`,
    '--encoding=UTF8',
    `--locale=${locale}`,
    '--lc-messages=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    '--auth-local=trust',
    '--auth-host=reject',
    '--no-instructions',
  ];
  // Not in a process group of its own: Ctrl-C during the first start ends it too.
  const child = spawnAs(cluster.runAs, command, { env: cluster.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code) => resolve(code === 0 ? undefined : output || `exit code ${code}`));
  });
}

async function putInPlace(draft: string, dataDir: string): Promise<void> {
  try {
    await rename(draft, dataDir);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    // Another ledger made it in the meantime; whose it is, is decided later.
    if (['ENOTEMPTY', 'EEXIST'].includes(code) && (await isInitialised(dataDir))) return;
    if (!['EBUSY', 'EXDEV'].includes(code)) throw error;
    throw new EmbeddedPostgresError({
      what: `Cannot make the data directory ${dataDir}`,
      why: 'it is itself a mount point, and it has to be moved into place as a whole',
      fix: 'Mount the volume one level higher and let TOKEN_LEDGER_DATA_DIR name a folder on it',
      cause: error,
    });
  }
  await syncDirectory(dirname(dataDir));
}

/** The new name itself must survive a power failure. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
