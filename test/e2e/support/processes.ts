import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** First letter of its state; Z: it has ended, and its parent has not asked how. */
  readonly state: string;
}

/** Pids of everything that runs below a process, children of children included, in no particular order. */
export function descendantsOf(pid: number): number[] {
  const rows = runningProcesses();
  const found: number[] = [];
  const waiting = [pid];
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    const children = rows.filter((row) => row.parent === parent).map((row) => row.pid);
    found.push(...children);
    waiting.push(...children);
  }
  return found;
}

/** Those of `pids` that are still running. */
export function stillRunning(pids: readonly number[]): number[] {
  const running = new Set(runningProcesses().map(({ pid }) => pid));
  return pids.filter((pid) => running.has(pid));
}

export interface Postmaster {
  readonly pid: number;
  /** URL of the ledger's database, for DATABASE_URL of another server. */
  readonly databaseUrl: string;
}

/** The embedded PostgreSQL of a data directory as its pid file describes it; null when none is running there. */
export async function postmasterOf(dataDir: string): Promise<Postmaster | null> {
  const text = await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => null);
  if (text === null) return null;
  const [pid, , , port, socketDirectory] = text.split('\n');
  const host = encodeURIComponent(socketDirectory ?? '');
  return {
    pid: Number(pid),
    databaseUrl: `postgres://ledger@localhost:${port}/ledger?host=${host}&sslmode=disable`,
  };
}

function runningProcesses(): ProcessRow[] {
  const rows = process.platform === 'linux' ? fromProc() : fromPs();
  return rows.filter(({ state }) => state !== 'Z');
}

function fromProc(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const text = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The name of the program comes before, and may hold blanks and parentheses.
        const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
        return [{ pid: Number(name), parent: Number(parent), state }];
      } catch {
        return [];
      }
    });
}

function fromPs(): ProcessRow[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), state: state.charAt(0) };
  });
}
