import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

const POLL_MS = 5;

/** Signals in the order in which they are tried, and how long each may take. */
const STEPS: readonly { signal: NodeJS.Signals; patienceMs: number }[] = [
  // Fast: sessions end, what is committed is on disk, the next start needs no recovery.
  { signal: 'SIGINT', patienceMs: 20_000 },
  // Immediate: the next start recovers from the log.
  { signal: 'SIGQUIT', patienceMs: 10_000 },
];

/** Stops the postmaster and waits until it has ended. @throws EmbeddedPostgresError when it does not end. */
export async function stopPostmaster(pid: number, isRunning: () => boolean): Promise<void> {
  for (const { signal, patienceMs } of STEPS) {
    const startedAt = performance.now();
    sendSignal(pid, signal, isRunning);
    while (isRunning() && performance.now() - startedAt < patienceMs) await delay(POLL_MS);
    if (!isRunning()) return;
  }
  throw new EmbeddedPostgresError({
    what: 'Cannot stop the embedded PostgreSQL',
    why: `process ${pid} did not end within ${STEPS.reduce((sum, { patienceMs }) => sum + patienceMs, 0) / 1000} s`,
    fix: `Look at what blocks it (often the disk); the last means is: kill -KILL ${pid}`,
  });
}

function sendSignal(pid: number, signal: NodeJS.Signals, isRunning: () => boolean): void {
  if (!isRunning()) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
