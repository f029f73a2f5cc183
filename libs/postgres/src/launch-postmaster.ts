import { setTimeout as delay } from 'node:timers/promises';
import { awaitLeftPostmaster, awaitReady, type LivePostmaster } from './await-postmaster.js';
import type { Cluster } from './cluster.js';
import { DataDirectoryInUse } from './embedded-postgres-error.js';
import { OwnerSession } from './owner-session.js';
import { disownPidFiles, readPostmasterPid } from './postmaster-pid.js';
import { isPostmasterOf } from './process-info.js';
import { chooseSocketDirectory, socketAnswers } from './socket-directory.js';
import { type PostmasterExit, type PostmasterProcess, spawnPostmaster, startFailure } from './spawn-postmaster.js';
import { stopPostmaster } from './stop-postmaster.js';

/** A server that answers, and the session that makes this process its owner. */
export interface RunningPostmaster {
  postmaster: LivePostmaster;
  session: OwnerSession;
  adopted: boolean;
  isRunning: () => boolean;
  exit: () => PostmasterExit;
}

/** The database that the ledger works in. */
export const DATABASE_NAME = 'ledger';

/** The orphaned children of a killed postmaster hold its shared memory until they notice, at most a few seconds. */
const ORPHAN_PATIENCE_MS = 10_000;
const RETRY_MS = 50;
const WORTH_ANOTHER_TRY = /pre-existing shared memory block|lock file "[^"]*" already exists/;

/** Takes over the server that runs on the data directory, or starts one; never a second. */
export async function launchPostmaster(
  cluster: Cluster,
  settings: Readonly<Record<string, string>>,
  formerSocketDirectory?: string,
): Promise<RunningPostmaster> {
  const socketDirectory = formerSocketDirectory ?? chooseSocketDirectory(cluster.dataDir, cluster.runAs);
  const startedAt = performance.now();
  for (;;) {
    const left = await awaitLeftPostmaster(cluster.dataDir, cluster.log);
    if (left) return adopt(cluster, left);
    await refuseUnseenPostmaster(cluster, socketDirectory);
    await disownPidFiles(cluster.dataDir, socketDirectory);
    const postmaster = await spawnPostmaster(cluster, { socketDirectory, settings });
    const ready = await awaitReady({
      dataDir: cluster.dataDir,
      pid: postmaster.pid,
      isRunning: () => postmaster.exit === undefined,
      log: cluster.log,
    });
    if (ready) return own(cluster, ready, postmaster);
    await postmaster.drained;
    const transient = postmaster.lastLines.some((line) => WORTH_ANOTHER_TRY.test(line));
    if (!transient || performance.now() - startedAt > ORPHAN_PATIENCE_MS) throw startFailure(cluster, postmaster);
    await delay(RETRY_MS);
  }
}

async function adopt(cluster: Cluster, postmaster: LivePostmaster): Promise<RunningPostmaster> {
  const isRunning = (): boolean => isPostmasterOf(postmaster.pid, cluster.dataDir);
  const session = await OwnerSession.open(postmaster, cluster.dataDir, isRunning);
  await session.createDatabase(DATABASE_NAME);
  cluster.log(`took over the PostgreSQL server (pid ${postmaster.pid}) of an earlier ledger that was killed`);
  return { postmaster, session, adopted: true, isRunning, exit: () => ({ code: null, signal: null }) };
}

async function own(cluster: Cluster, ready: LivePostmaster, started: PostmasterProcess): Promise<RunningPostmaster> {
  const isRunning = (): boolean => started.exit === undefined;
  try {
    const session = await OwnerSession.open(ready, cluster.dataDir, isRunning);
    await session.createDatabase(DATABASE_NAME);
    cluster.log(`PostgreSQL (pid ${ready.pid}) runs ${cluster.runAs.description} on ${cluster.dataDir}`);
    const exit = (): PostmasterExit => started.exit ?? { code: null, signal: null };
    return { postmaster: ready, session, adopted: false, isRunning, exit };
  } catch (error) {
    // Another ledger that owns the server by now goes on with it.
    if (error instanceof DataDirectoryInUse) started.letGo();
    else await stopPostmaster(ready.pid, isRunning);
    throw error;
  }
}

/**
 * A server in another container that shares the directory has no process here, but its socket answers. Starting a
 * second one beside it would destroy the data, and PostgreSQL itself cannot see it either.
 */
async function refuseUnseenPostmaster(cluster: Cluster, socketDirectory: string): Promise<void> {
  const recorded = (await readPostmasterPid(cluster.dataDir))?.socketDirectory;
  for (const directory of new Set([socketDirectory, recorded ?? socketDirectory])) {
    if (await socketAnswers(directory)) throw new DataDirectoryInUse(cluster.dataDir);
  }
}
