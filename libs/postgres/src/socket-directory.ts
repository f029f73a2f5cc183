import { createHash } from 'node:crypto';
import { chown, lstat, mkdir, rmdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { RunAs } from './run-as.js';

/** The port only names the socket file; nothing listens on TCP. */
export const SOCKET_PORT = 5432;

/** Bytes that fit into the kernel's socket address, without the closing zero. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

export function socketPath(directory: string): string {
  return join(directory, `.s.PGSQL.${SOCKET_PORT}`);
}

/**
 * Where the socket of `dataDir` lives: inside it, or, when that path is too long for a socket, in a short private
 * directory whose name is derived from the data directory, so that the next start finds it again.
 */
export function chooseSocketDirectory(dataDir: string, runAs: RunAs, env: NodeJS.ProcessEnv = process.env): string {
  const name = `token-ledger-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  // The run-time directory of the current user is closed to the other user that runs PostgreSQL.
  const runtimeDir = runAs.owner === undefined ? env['XDG_RUNTIME_DIR'] : undefined;
  const short = [runtimeDir, tmpdir(), '/tmp'].filter((dir) => dir !== undefined && dir !== '') as string[];
  const found = [join(dataDir, 'socket'), ...short.map((dir) => join(dir, name))].find(fits);
  if (found !== undefined) return found;
  throw new EmbeddedPostgresError({
    what: `Cannot make a socket for ${dataDir}`,
    why: `the path and that of the temporary directory are longer than ${SOCKET_PATH_BYTES_MAX} bytes`,
    fix: 'Set XDG_RUNTIME_DIR or TMPDIR to a short private directory, or use a shorter TOKEN_LEDGER_DATA_DIR',
  });
}

function fits(directory: string): boolean {
  return Buffer.byteLength(socketPath(directory)) <= SOCKET_PATH_BYTES_MAX;
}

/**
 * Makes the directory, open to the user of PostgreSQL alone. Access to the socket is access to all data, so a directory
 * that somebody else made first in a shared temporary folder is refused.
 */
export async function prepareSocketDirectory(directory: string, runAs: RunAs): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
    if (runAs.owner) await chown(directory, runAs.owner.uid, runAs.owner.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = await lstat(directory);
  const owner = runAs.owner?.uid ?? process.getuid?.() ?? found.uid;
  if (found.isDirectory() && found.uid === owner && (found.mode & 0o077) === 0) return;
  throw new EmbeddedPostgresError({
    what: `Cannot put the socket of PostgreSQL into ${directory}`,
    why: `it is not a directory that belongs to user ${owner} alone`,
    fix: 'Remove it, or set XDG_RUNTIME_DIR to a private directory',
  });
}

/** Removes a directory outside of the data directory; PostgreSQL has removed what was in it. */
export async function removeSocketDirectory(directory: string, dataDir: string): Promise<void> {
  if (directory === join(dataDir, 'socket')) return;
  await rmdir(directory).catch(() => undefined);
}

/** True when some server accepts connections on the socket in `directory`. */
export function socketAnswers(directory: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath(directory));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
