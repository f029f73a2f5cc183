// Runs other programs to their end, so that a signal that reaches the launcher reaches them too.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { PreparationError } from './preparation-error.mjs';

const PROGRESS_EVERY_MS = 10_000;
const KILL_AFTER_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Runs a JavaScript program with this Node; resolves to its exit code, 128 + n when signal n ended it. */
export async function runNode(args, options = {}) {
  const child = spawn(process.execPath, args, { stdio: 'inherit', ...options });
  const { code } = await endOf(child);
  return code;
}

/**
 * Runs a program in silence, with a line on stderr when it starts, every ten seconds and when it is done; what it said
 * is shown if it fails. Throws a PreparationError then. stdout is left alone: it belongs to whom the launcher starts.
 */
export async function runQuietly(what, [command, ...args], options) {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  const say = (text) => process.stderr.write(`token-ledger: ${text}\n`);
  say(`${what} …`);
  const progress = setInterval(() => say(`${what} … ${seconds()} s`), PROGRESS_EVERY_MS);
  try {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(chunk));
    const { code, stoppedBy } = await endOf(child, KILL_AFTER_MS);
    if (stoppedBy !== undefined) {
      throw new PreparationError(`${what} was stopped after ${seconds()} s`, 128 + constants.signals[stoppedBy]);
    }
    if (code !== 0) {
      process.stderr.write(Buffer.concat(said));
      throw new PreparationError(`${what} failed after ${seconds()} s (exit code ${code})`);
    }
    say(`${what}: done in ${seconds()} s`);
  } finally {
    clearInterval(progress);
  }
}

/**
 * Waits for a program, and hands it the signals that this process gets: `stoppedBy` is the first of them. One that does
 * not heed it is killed after `killAfterMs`: npm, for one, goes on installing for half a minute.
 */
async function endOf(child, killAfterMs) {
  let stoppedBy;
  let killing;
  const forward = (signal) => {
    stoppedBy ??= signal;
    child.kill(signal);
    if (killAfterMs !== undefined) killing ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  try {
    const code = await new Promise((resolve, reject) => {
      const couldNot = (error) => new PreparationError(`${child.spawnfile} could not be started: ${error.message}`);
      child.once('error', (error) => reject(couldNot(error)));
      const settle = (status, signal) => resolve(signal === null ? status : 128 + constants.signals[signal]);
      child.once('close', settle);
      // `close` comes when all output has been read; a program of the killed program may still hold it open.
      child.once('exit', (status, signal) => stoppedBy !== undefined && settle(status, signal));
    });
    return { code, stoppedBy };
  } finally {
    clearTimeout(killing);
    for (const signal of SIGNALS) process.off(signal, forward);
  }
}
