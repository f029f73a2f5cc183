// Lets one launcher at a time install or build in a checkout; the others wait and then find the work done.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LOCK = '.prepare-lock';
const POLL_MS = 100;
/** A holder on another machine (a shared folder) cannot be asked whether it lives; no install takes this long. */
const FOREIGN_HOLDER_MAX_MS = 15 * 60_000;
/** What a rename says when the target is a folder that holds something: POSIX allows the first two, Windows the last. */
const TAKEN = ['ENOTEMPTY', 'EEXIST', 'EPERM'];

/** Runs `work` while no other process of this checkout does; `onWait` is called once if another one is at it. */
export async function withTreeLock(root, work, onWait = () => {}) {
  const path = join(root, LOCK);
  const signed = `${path}-by-${process.pid}`;
  mkdirSync(signed, { recursive: true });
  writeFileSync(join(signed, 'holder'), JSON.stringify({ pid: process.pid, host: hostname() }));
  let waiting = false;
  // The lock appears with its holder in it, in one step, so that there is never a lock of nobody.
  while (!renamed(signed, path)) {
    const dead = deadHolder(path);
    if (dead !== undefined) {
      setAside(path, dead);
      continue;
    }
    if (!waiting) onWait();
    waiting = true;
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    release(root, path, signed);
  }
}

/** The process that holds the lock and lives no more, else nothing. */
function deadHolder(path) {
  try {
    const { pid, host } = JSON.parse(readFileSync(join(path, 'holder'), 'utf8'));
    const ageMs = performance.timeOrigin + performance.now() - statSync(path).mtimeMs;
    const dead = host === hostname() ? !isAlive(pid) : ageMs > FOREIGN_HOLDER_MAX_MS;
    return dead ? pid : undefined;
  } catch (error) {
    // Released between two looks.
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Moves a dead holder's lock away under a name made of that holder. The name stays taken until the lock is released,
 * and a folder cannot be moved onto one that is not empty: so a second waiter, which also saw the dead holder, cannot
 * move away the lock that a first waiter has taken since.
 */
function setAside(path, deadPid) {
  renamed(path, `${path}-of-${deadPid}`);
}

function renamed(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (TAKEN.includes(error.code) || (error.code === 'ENOENT' && from.endsWith(LOCK))) return false;
    throw error;
  }
}

/** Removes the lock, what was set aside under it, and what a waiter that was killed has left. */
function release(root, path, signed) {
  for (const name of readdirSync(root)) {
    const [, kind, pid] = /^\.prepare-lock-(of|by)-(\d+)$/.exec(name) ?? [];
    if (kind === 'of' || (kind === 'by' && !isAlive(Number(pid))))
      rmSync(join(root, name), { recursive: true, force: true });
  }
  // Out of the way in one step: a waiter takes an empty folder, which it would be for a moment, and could then not be removed.
  renameSync(path, signed);
  rmSync(signed, { recursive: true, force: true });
}
