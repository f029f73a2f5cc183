import { type ChildProcess, execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Cluster } from './cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { quotedDirectory, settingsArguments } from './postmaster-settings.js';
import { spawnAs } from './run-as.js';
import { prepareSocketDirectory, SOCKET_PORT } from './socket-directory.js';

/** How a postmaster ended; both null when that is not known, as for one that this process did not start. */
export interface PostmasterExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A postmaster that this process started. */
export interface PostmasterProcess {
  pid: number;
  /** Set once it has ended. */
  exit: PostmasterExit | undefined;
  /** Resolves when the last line of its log has arrived too; its orphaned children may keep that back for a while. */
  drained: Promise<void>;
  /** The newest lines of its log, oldest first. */
  lastLines: string[];
  /** Lets this process end although the server runs on. */
  letGo: () => void;
}

export interface PostmasterOptions {
  socketDirectory: string;
  settings: Readonly<Record<string, string>>;
  /** File descriptor that takes the log in place of `cluster.log`, for a server that outlives this process. */
  logFile?: number;
}

const LAST_LINES = 20;

/** Starts a postmaster in a process group of its own: Ctrl-C in a terminal reaches the ledger only, which stops it last. */
export async function spawnPostmaster(cluster: Cluster, options: PostmasterOptions): Promise<PostmasterProcess> {
  await giveToOwner(cluster);
  await prepareSocketDirectory(options.socketDirectory, cluster.runAs);
  const settings = {
    ...options.settings,
    port: String(SOCKET_PORT),
    unix_socket_directories: quotedDirectory(options.socketDirectory),
  };
  const command = [cluster.binaries.postgres, '-D', cluster.dataDir, ...settingsArguments(settings)];
  const child = spawnAs(cluster.runAs, command, {
    env: cluster.env,
    detached: true,
    stdio: ['ignore', 'ignore', options.logFile ?? 'pipe'],
  });
  return follow(child, cluster.log);
}

function follow(child: ChildProcess, log: (line: string) => void): PostmasterProcess {
  const postmaster: PostmasterProcess = {
    pid: child.pid ?? 0,
    exit: undefined,
    drained: new Promise((resolve) => child.once('close', () => resolve())),
    lastLines: [],
    letGo: () => {
      child.stderr?.destroy();
      child.unref();
    },
  };
  child.once('exit', (code, signal) => (postmaster.exit = { code, signal }));
  child.once('error', (error) => {
    postmaster.lastLines.push(error.message);
    postmaster.exit = { code: null, signal: null };
  });
  if (child.stderr) captureLines(child.stderr, postmaster.lastLines, log);
  return postmaster;
}

function captureLines(stream: NodeJS.ReadableStream, lastLines: string[], log: (line: string) => void): void {
  createInterface({ input: stream }).on('line', (line) => {
    lastLines.push(line);
    if (lastLines.length > LAST_LINES) lastLines.shift();
    log(line);
  });
}

/** Data that root made in a user namespace goes to the other user where namespaces are no longer available. */
async function giveToOwner({ dataDir, runAs }: Cluster): Promise<void> {
  if (!runAs.owner || (await stat(dataDir)).uid === runAs.owner.uid) return;
  await promisify(execFile)('chown', ['-R', `${runAs.owner.uid}:${runAs.owner.gid}`, '--', dataDir]);
}

/** The error for a postmaster that ended before it was ready. */
export function startFailure(cluster: Cluster, postmaster: PostmasterProcess): EmbeddedPostgresError {
  const { code, signal } = postmaster.exit ?? { code: null, signal: null };
  const said = postmaster.lastLines.slice(-5).join(' / ') || `it ended with ${signal ?? `exit code ${code}`}`;
  return new EmbeddedPostgresError({
    what: `The embedded PostgreSQL did not start on ${cluster.dataDir}`,
    why: said,
    fix:
      'Mend that and start again, or set DATABASE_URL to a PostgreSQL server that you run ' +
      '(the programs need a Linux with glibc, which Alpine is not, or macOS)',
  });
}
