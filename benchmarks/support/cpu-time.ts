import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Clock ticks a second, as Linux counts the time of processes. */
const TICKS = 100;

interface ProcessTimes {
  readonly parent: number;
  /** Seconds of the processor that it used itself. */
  readonly own: number;
  /** And those of its children that have ended. */
  readonly ended: number;
}

/** Seconds of the processor that a process has used, without its children; NaN where the system does not tell. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  return (await timesOf(pid))?.own ?? NaN;
}

/** The same of a process with its children, those that have ended too. */
async function cpuSecondsWithChildren(pid: number): Promise<number> {
  const entries = await readdir('/proc').catch(() => []);
  const all = await Promise.all(entries.filter((entry) => /^\d+$/.test(entry)).map((entry) => timesOf(Number(entry))));
  const parent = await timesOf(pid);
  if (parent === null) return NaN;
  const children = all.filter((times) => times?.parent === pid);
  return children.reduce((sum, times) => sum + (times?.own ?? 0), parent.own + parent.ended);
}

/** Asks for the same of the embedded PostgreSQL of a data directory of the ledger. */
export async function postgresCpuOf(dataDir: string): Promise<() => Promise<number>> {
  const text = await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8');
  const postmaster = Number(text.split('\n')[0]);
  return () => cpuSecondsWithChildren(postmaster);
}

async function timesOf(pid: number): Promise<ProcessTimes | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name stands in parentheses and may hold blanks; the fields after it are numbered from 3 on (proc(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  return { parent: field(4), own: (field(14) + field(15)) / TICKS, ended: (field(16) + field(17)) / TICKS };
}
