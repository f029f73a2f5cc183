import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { awaitLeftPostmaster, awaitReady, type LivePostmaster } from '../await-postmaster.js';
import { openCluster, resolveDataDir } from '../cluster.js';
import { connectionString } from '../connection-string.js';
import { DataDirectoryInUse } from '../embedded-postgres-error.js';
import { initCluster } from '../init-cluster.js';
import { OwnerFile } from '../owner-file.js';
import { postmasterSettings } from '../postmaster-settings.js';
import { chooseSocketDirectory } from '../socket-directory.js';
import { spawnPostmaster } from '../spawn-postmaster.js';

export interface TestPostgres {
  /** URL of the database `postgres`, for administration; specs work in one of `createTestDatabase`. */
  connectionString: string;
}

/** As durable as in production; more connections, because every Jest worker uses the server. */
const SETTINGS = postmasterSettings({ shared_buffers: '64MB', max_connections: '200', io_method: 'sync' });
const POLL_MS = 20;
const PATIENCE_MS = 60_000;

/** Outlives Jest when that is killed, and stops the server then. In a shell, because it waits for the whole run. */
const WATCHDOG = `
while kill -0 "$1" 2>/dev/null && [ -d "$2" ]; do sleep 1; done
[ -d "$2" ] || exit 0
if read -r pid < "$2/data/postmaster.pid"; then
  kill -INT "$pid"
  while kill -0 "$pid"; do sleep 0.1; done
fi
rm -rf "$2"`;

/**
 * The one server of this Jest run, started by the first spec that asks for it, in whichever worker that runs. The global
 * teardown stops it.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const directory = requiredEnvironment('LEDGER_TEST_POSTGRES_DIR');
  const dataDir = await resolveDataDir(join(directory, 'data'));
  const lock = await acquirePatiently(dataDir);
  try {
    const live = await awaitLeftPostmaster(dataDir, () => undefined);
    const { socketDirectory } = live ?? (await startServer(directory, dataDir));
    return { connectionString: connectionString(socketDirectory, 'postgres') };
  } finally {
    await lock.release();
  }
}

async function startServer(directory: string, dataDir: string): Promise<LivePostmaster> {
  const runPid = requiredEnvironment('LEDGER_TEST_RUN_PID');
  spawn('/bin/sh', ['-c', WATCHDOG, 'sh', runPid, directory], { detached: true, stdio: 'ignore', cwd: '/' }).unref();
  const log = (): void => undefined;
  const cluster = await openCluster(dataDir, log);
  await initCluster(cluster);
  const logPath = join(directory, 'postgres.log');
  const logFile = await open(logPath, 'a', 0o600);
  try {
    const socketDirectory = chooseSocketDirectory(dataDir, cluster.runAs);
    const started = await spawnPostmaster(cluster, { socketDirectory, settings: SETTINGS, logFile: logFile.fd });
    started.letGo();
    const isRunning = (): boolean => started.exit === undefined;
    const ready = await awaitReady({ dataDir, pid: started.pid, isRunning, log });
    if (ready) return ready;
    throw new Error(`the PostgreSQL of the tests did not start: ${await readFile(logPath, 'utf8')}`);
  } finally {
    await logFile.close();
  }
}

async function acquirePatiently(dataDir: string): Promise<OwnerFile> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await OwnerFile.acquire(dataDir);
    } catch (error) {
      if (!(error instanceof DataDirectoryInUse) || performance.now() - startedAt > PATIENCE_MS) throw error;
    }
    await delay(POLL_MS);
  }
}

function requiredEnvironment(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`${name} is not set: run the tests through Jest, whose global set-up names the server of the run`);
}
