import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { type PostmasterPid, readPostmasterPid } from './postmaster-pid.js';
import { isPostmasterOf } from './process-info.js';

export interface LivePostmaster {
  pid: number;
  socketDirectory: string;
}

export interface AwaitOptions {
  dataDir: string;
  pid: number;
  /** False once that postmaster has ended. */
  isRunning: () => boolean;
  log: (line: string) => void;
}

const POLL_MS = 10;
const NOTICE_EVERY_MS = 15_000;
const SHUTDOWN_PATIENCE_MS = 60_000;

/**
 * The postmaster that another process left running on `dataDir`, once it accepts connections; undefined when there is
 * none, or none any more. One that starts or recovers is waited for without a limit: a second one beside it would
 * destroy the data.
 */
export async function awaitLeftPostmaster(
  dataDir: string,
  log: (line: string) => void,
): Promise<LivePostmaster | undefined> {
  const found = await readPostmasterPid(dataDir);
  if (found === undefined || !isPostmasterOf(found.pid, dataDir)) return undefined;
  const { pid } = found;
  return awaitReady({ dataDir, pid, isRunning: () => isPostmasterOf(pid, dataDir), log });
}

/** Waits until the postmaster is ready; undefined when it ends before. */
export async function awaitReady(options: AwaitOptions): Promise<LivePostmaster | undefined> {
  const startedAt = performance.now();
  let noticeAt = startedAt + NOTICE_EVERY_MS;
  while (options.isRunning()) {
    const found = await readPostmasterPid(options.dataDir);
    const own = found?.pid === options.pid ? found : undefined;
    if (own?.status === 'ready' && own.socketDirectory !== undefined) {
      return { pid: own.pid, socketDirectory: own.socketDirectory };
    }
    if (performance.now() > noticeAt) {
      options.log(`waiting for PostgreSQL (pid ${options.pid}, ${own?.status ?? 'no status yet'})`);
      noticeAt += NOTICE_EVERY_MS;
    }
    refuseEndlessShutdown(own, performance.now() - startedAt);
    await delay(POLL_MS);
  }
  return undefined;
}

/** A shutdown that somebody asked for in the mode that waits for clients may never end by itself. */
function refuseEndlessShutdown(found: PostmasterPid | undefined, waitedMs: number): void {
  if (found?.status !== 'stopping' || waitedMs < SHUTDOWN_PATIENCE_MS) return;
  throw new EmbeddedPostgresError({
    what: 'Cannot start the embedded PostgreSQL',
    why: `a former one (pid ${found.pid}) has been shutting down for more than ${SHUTDOWN_PATIENCE_MS / 1000} s`,
    fix: `Wait for it, or end it with: kill -INT ${found.pid}`,
  });
}
