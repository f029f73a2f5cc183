import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { Binaries } from './locate-binaries.js';

export interface UserIds {
  uid: number;
  gid: number;
}

/** How the programs of PostgreSQL, which refuse to run as root, are started. */
export interface RunAs {
  /** Ends a sentence such as "PostgreSQL runs …", for the log. */
  description: string;
  /** Who must own the data directory and the socket directory; absent: whoever runs this process. */
  owner?: UserIds;
  /** Command that ends by executing what follows it, so that the process id stays the same. */
  prefix: readonly string[];
  /** User that the started process changes to. */
  changeTo?: UserIds;
}

export interface RunAsOptions {
  binaries: Binaries;
  dataDir: string;
  env: Record<string, string>;
}

const PLAIN: RunAs = { description: 'as the current user', prefix: [] };
const USER_NAMESPACE: RunAs = { description: 'in a user namespace', prefix: ['unshare', '--user', '--'] };

/**
 * A normal user runs PostgreSQL plainly. Root runs it in a user namespace, where files stay root's and the process is
 * not root; where the kernel or the container forbids that, as another user.
 *
 * @throws EmbeddedPostgresError when root has neither way.
 */
export async function chooseRunAs(options: RunAsOptions): Promise<RunAs> {
  if (process.getuid?.() !== 0) return PLAIN;
  const owner = await ownerOf(options.dataDir);
  if (owner !== undefined && owner.uid !== 0) return asUser(owner, options);
  if (await canWork(USER_NAMESPACE, options)) return USER_NAMESPACE;
  const user = (await userIds('postgres')) ?? (await userIds('nobody'));
  if (user === undefined) throw rootHasNoWay('there is no user "postgres" or "nobody" to change to');
  return asUser(user, options);
}

/** Starts `file` as `runAs` says. */
export function spawnAs(runAs: RunAs, command: readonly string[], options: SpawnOptions): ChildProcess {
  const [file, ...args] = [...runAs.prefix, ...command];
  return spawn(file as string, args, { cwd: '/', ...options, ...runAs.changeTo });
}

async function asUser(user: UserIds, options: RunAsOptions): Promise<RunAs> {
  const description = `as user ${user.uid}`;
  const drop: RunAs = { description, owner: user, prefix: [], changeTo: user };
  if (await canWork(drop, options)) return drop;
  const withAccess: RunAs = { description, owner: user, prefix: throughClosedFolders(user) };
  if (await canWork(withAccess, options)) return withAccess;
  const { binaries, dataDir } = options;
  throw rootHasNoWay(`user ${user.uid} cannot run ${binaries.postgres} or cannot enter ${dirname(dataDir)}`);
}

/**
 * Changes the user but keeps the right to pass folders that are closed to it: a checkout in /root, and the data folder
 * of the ledger, which only root may enter. A process in a user namespace can reach the same files.
 */
function throughClosedFolders({ uid, gid }: UserIds): string[] {
  const capabilities = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...capabilities, '--'];
}

/** True when a process started so can enter the parent of the data directory and load the server. */
function canWork(runAs: RunAs, { binaries, dataDir, env }: RunAsOptions): Promise<boolean> {
  // A user namespace shows root as the overflow user, and PostgreSQL wants its user to have a name.
  const script = 'id -un && cd "$1" && exec "$2" --version';
  const command = [...runAs.prefix, '/bin/sh', '-c', script, 'sh', dirname(dataDir), binaries.postgres];
  const [file, ...args] = command;
  return new Promise((resolve) => {
    const options = { cwd: '/', env, ...runAs.changeTo };
    execFile(file as string, args, options, (error) => resolve(error === null));
  });
}

async function ownerOf(path: string): Promise<UserIds | undefined> {
  return stat(path).catch(() => undefined);
}

async function userIds(name: string): Promise<UserIds | undefined> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((option) => numberFrom('id', [option, name])));
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function numberFrom(file: string, args: string[]): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile(file, args, (error, stdout) => resolve(error === null ? Number(stdout) : undefined));
  });
}

function rootHasNoWay(why: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError({
    what: 'Cannot start the embedded PostgreSQL as root',
    why: `PostgreSQL refuses to run as root, user namespaces are not available here, and ${why}`,
    fix:
      'Run the ledger as a normal user, or allow user namespaces (unshare --user; sysctl user.max_user_namespaces, ' +
      'seccomp profile of the container), or set DATABASE_URL to a PostgreSQL server that you run',
  });
}
