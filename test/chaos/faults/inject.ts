import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { SystemClock, toInstant } from '#libs/kernel';
import { ROOT } from '../../e2e/support/ledger-process.js';
import type { Installation, Server } from '../installation/installation.js';
import type { Population } from '../load/population.js';
import { type Fault, SERVER_NAMES } from './schedule.js';

/** Long enough to make the tokens, also on a server that was started a moment ago. */
const TOKEN_ENDS_AFTER_MS = 5_000;
const MET_WITHIN_MS = 60_000;
const FILL_AGAIN_MS = 100;

/** Does what a fault says, and returns when its cause is gone; whether all is well again then is for others to see. */
export async function inject(fault: Fault, installation: Installation, population: Population): Promise<string> {
  const hit = fault.both ? SERVER_NAMES.map((name) => installation.server(name)) : [installation.server(fault.server)];
  const { postgres } = installation;
  switch (fault.kind) {
    case 'killServer':
      return restart(installation, hit, 'SIGKILL');
    case 'killPostgres':
      return killPostgres(installation);
    case 'killBoth':
      process.kill(postgres.pid, 'SIGKILL');
      return restart(installation, hit, 'SIGKILL');
    case 'stopServer':
      return restart(installation, [installation.server(fault.server)], 'SIGTERM');
    case 'pauseServer':
      return pauseAll([installation.server(fault.server).ledger!.child.pid!], fault.forMs);
    case 'pausePostgres':
      return pauseAll(installation.postgresPids(), fault.forMs);
    case 'cutDatabase':
      return untilHealed(hit, fault, ({ link }) => link.refuse());
    case 'silenceDatabase':
      return untilHealed(hit, fault, ({ link }) => link.silence());
    case 'slowDatabase':
      return untilHealed(hit, fault, ({ link }) => link.slow(fault.delayMs));
    case 'fillDisk':
      return fillDisk(installation, fault.forMs);
    case 'jumpClock':
      return restart(installation, [installation.server(fault.server)], 'SIGKILL', fault.offsetMs);
    case 'thirdServer':
      return thirdServer(installation, fault.forMs);
    case 'repeatJob':
      return repeatJobs(installation, population);
    case 'killRebuild':
      return killRebuild(installation, fault.forMs);
  }
}

async function restart(
  installation: Installation,
  servers: readonly Server[],
  signal: NodeJS.Signals,
  clockOffsetMs?: number,
): Promise<string> {
  await Promise.all(servers.map(async ({ ledger }) => ledger?.end(signal)));
  await Promise.all(servers.map(({ name }) => installation.startServer(name, clockOffsetMs)));
  return '';
}

async function killPostgres({ postgres }: Installation): Promise<string> {
  const ended = new Promise<void>((resolve) => postgres.onExit(() => resolve()));
  process.kill(postgres.pid, 'SIGKILL');
  await ended;
  return '';
}

async function pauseAll(pids: readonly number[], forMs: number): Promise<string> {
  pids.forEach((pid) => signalIfThere(pid, 'SIGSTOP'));
  try {
    await pause(forMs);
  } finally {
    pids.forEach((pid) => signalIfThere(pid, 'SIGCONT'));
  }
  return '';
}

/** A connection of PostgreSQL may end, and its process with it, while the list of processes is made. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function untilHealed(servers: readonly Server[], fault: Fault, hurt: (server: Server) => void): Promise<string> {
  servers.forEach(hurt);
  try {
    await pause(fault.forMs);
  } finally {
    servers.forEach(({ link }) => link.heal());
  }
  return '';
}

/** Full until PostgreSQL has met it, and some more: what it has set aside lasts for a while. */
async function fillDisk(installation: Installation, forMs: number): Promise<string> {
  const { disk } = installation;
  if (typeof disk === 'string') throw new Error(`no disk can be filled: ${disk}`);
  const [usedBefore, metBefore] = [await disk.used(), installation.outOfSpace];
  const until = performance.now() + MET_WITHIN_MS;
  try {
    while (installation.outOfSpace === metBefore) {
      if (performance.now() > until) throw new Error('the disk is full, and PostgreSQL has not met it');
      await disk.fill();
      await pause(FILL_AGAIN_MS);
    }
    await pause(forMs);
  } finally {
    await disk.free();
  }
  return `${usedBefore} MB were in use; PostgreSQL said so ${installation.outOfSpace - metBefore} times`;
}

async function thirdServer(installation: Installation, forMs: number): Promise<string> {
  const third = await installation.startThird();
  await pause(forMs);
  await third.end('SIGKILL');
  return '';
}

/** The job must find something to do: tokens that end in a moment by the clock of the server that makes them. */
async function repeatJobs(installation: Installation, population: Population): Promise<string> {
  const server = installation.server('a');
  const endsAt = toInstant(new SystemClock(server.clockOffsetMs).now() + TOKEN_ENDS_AFTER_MS);
  for (let token = 0; token < 3; token += 1) await population.shortLivedToken(server.name, endsAt);
  await pause(TOKEN_ENDS_AFTER_MS + 500);
  const twice = ['expire-tokens', 'flag-unused-tokens', 'expire-tokens', 'flag-unused-tokens'];
  const asked = SERVER_NAMES.flatMap((name) => twice.map((job) => ({ admin: population.admin(name), job })));
  const runs = asked.map(({ admin, job }) => admin.post(`/v1/jobs/${job}/run`, {}));
  const statuses = (await Promise.all(runs)).map(({ status }) => status);
  return `answered ${[...new Set(statuses)].join(', ')}`;
}

async function killRebuild(installation: Installation, forMs: number): Promise<string> {
  const program = ['scripts/run.mjs', 'dist/apps/cli/src/main.js', 'rebuild'];
  const env = { ...process.env, ...installation.environment(installation.postgres.connectionString, 0) };
  const child: ChildProcess = spawn(process.execPath, program, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  // From when it has begun to read, so that it is not killed while it only loads its code.
  await Promise.race([once(child.stdout!, 'data'), ended]);
  await Promise.race([pause(forMs / 4), ended]);
  child.kill('SIGKILL');
  await ended;
  return `it had printed: ${printed.trim().split('\n').at(-1) ?? ''}`;
}
