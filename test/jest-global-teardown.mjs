// Stops the PostgreSQL server that specs of this run started, and removes its files.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 20_000;
const POLL_MS = 10;

export default async function tearDown() {
  const directory = process.env.LEDGER_TEST_POSTGRES_DIR;
  if (!directory) return;
  const pidFile = join(directory, 'data', 'postmaster.pid');
  const pid = await readPid(pidFile);
  for (const signal of pid === undefined ? [] : ['SIGINT', 'SIGQUIT']) {
    if (await endedBy(signal, pid, pidFile)) break;
  }
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** The server removes its pid file as the last thing it does; it may stay a zombie until its parent collects it. */
async function endedBy(signal, pid, pidFile) {
  const startedAt = performance.now();
  if (!send(signal, pid)) return true;
  while ((await readPid(pidFile)) !== undefined) {
    if (performance.now() - startedAt > PATIENCE_MS || !send(0, pid)) return false;
    await delay(POLL_MS);
  }
  return true;
}

function send(signal, pid) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

async function readPid(pidFile) {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  return Number.parseInt(text, 10) || undefined;
}
