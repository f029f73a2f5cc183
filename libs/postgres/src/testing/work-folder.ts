import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { isAlive } from '../process-info.js';

/** A new private folder for the data directories of a spec. */
export async function makeWorkFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'postgres-spec-'));
}

/** Ends the servers that a failed test left on data directories directly in `folder`, and removes it. */
export async function removeWorkFolder(folder: string, dataDirs: readonly string[]): Promise<void> {
  for (const dataDir of dataDirs) {
    const pid = await postmasterPid(dataDir);
    if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

export async function postmasterPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  return Number.parseInt(text, 10) || undefined;
}

export async function query<Row extends pg.QueryResultRow>(connectionString: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

export interface Stranger {
  pid: number;
  end(): Promise<void>;
}

/** A running process that has nothing to do with PostgreSQL. */
export async function makeRunningStranger(): Promise<Stranger> {
  const child = spawn('cat', { stdio: 'pipe' });
  await echo(child);
  return { pid: child.pid ?? 0, end: () => endInput(child) };
}

/** A killed process whose parent never asks for its exit status, so that its pid stays taken. */
export async function makeUncollectedStranger(): Promise<Stranger> {
  const parent = spawn('sh', ['-c', 'tail -f /dev/null >/dev/null 2>&1 & echo $!; exec cat'], { stdio: 'pipe' });
  const [output] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(output);
  // A shell may collect its child; `cat`, which has taken its place once it answers, does not.
  await echo(parent);
  process.kill(pid, 'SIGKILL');
  while (isAlive(pid)) await setImmediate();
  return { pid, end: () => endInput(parent) };
}

async function echo(child: ChildProcessWithoutNullStreams): Promise<void> {
  const answered = once(child.stdout, 'data');
  child.stdin.write('\n');
  await answered;
}

async function endInput(child: ChildProcessWithoutNullStreams): Promise<void> {
  const exited = once(child, 'exit');
  child.stdin.end();
  await exited;
}
