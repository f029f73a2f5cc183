import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pidIsTaken } from './process-info.js';
import { socketPath } from './socket-directory.js';

/** What `postmaster.pid` says; PostgreSQL writes it line by line while it starts. */
export interface PostmasterPid {
  pid: number;
  socketDirectory?: string;
  /** `starting`, `ready`, `standby` or `stopping`; absent before the first status. */
  status?: string;
}

const LINE = { pid: 0, socketDirectory: 4, status: 7 };

export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n');
  // A negative number marks a stand-alone backend.
  const pid = Math.abs(Number(lines[LINE.pid]));
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  const socketDirectory = lines[LINE.socketDirectory];
  const status = lines[LINE.status]?.trim();
  return { pid, ...(socketDirectory && { socketDirectory }), ...(status && { status }) };
}

/** Undefined when there is no such file, or nothing in it yet. */
export async function readPostmasterPid(dataDir: string): Promise<PostmasterPid | undefined> {
  const text = await readIfPresent(join(dataDir, 'postmaster.pid'));
  return text === undefined ? undefined : parsePostmasterPid(text);
}

/**
 * Makes lock files of a dead postmaster harmless when its pid is still or again taken, by an unrelated process or
 * by one that nobody collected: PostgreSQL would take that for a running server. The files are not removed: PostgreSQL finds orphaned backends through them. It
 * treats a file that names its own parent, this process, as left over and goes on to that check.
 */
export async function disownPidFiles(dataDir: string, socketDirectory: string): Promise<void> {
  for (const path of [join(dataDir, 'postmaster.pid'), `${socketPath(socketDirectory)}.lock`]) {
    const text = await readIfPresent(path);
    const found = text === undefined ? undefined : parsePostmasterPid(text);
    if (text === undefined || found === undefined || !pidIsTaken(found.pid)) continue;
    await writeFile(path, [String(process.pid), ...text.split('\n').slice(1)].join('\n'), { mode: 0o600 });
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
