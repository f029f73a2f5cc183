import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

/** True while the pid is taken: by a running process, or by one that has ended and was not collected by its parent. */
export function pidIsTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** False for a process that has ended, also when nobody has collected it: in a container often nobody does. */
export function isAlive(pid: number): boolean {
  return pidIsTaken(pid) && processStat(pid)?.[0] !== 'Z';
}

/** A text that no other process has or had, even with the same pid; undefined when there is no such process. */
export function processIdentity(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(pid, 'lstart');
  const startTicks = processStat(pid)?.[19];
  return startTicks && `${bootId()}:${startTicks}`;
}

/** True when `pid` is a running postmaster whose data directory is `dataDir`. */
export function isPostmasterOf(pid: number, dataDir: string): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') {
    const command = ps(pid, 'command') ?? '';
    return command.includes('postgres') && command.includes(dataDir);
  }
  try {
    const program = basename(readlinkSync(`/proc/${pid}/exe`));
    // A postmaster works inside its data directory. The program file may have been replaced by an update.
    return (
      program.replace(/ \(deleted\)$/, '') === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir)
    );
  } catch {
    return false;
  }
}

/** Fields of /proc/<pid>/stat from the third on (state first); the second may hold blanks and parentheses. */
function processStat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function ps(pid: number, column: string): string | undefined {
  try {
    return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}
