import { randomBytes } from 'node:crypto';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiClient } from './api-client.js';
import type { CleanUp } from './clean-up.js';
import { cpuSecondsOf, postgresCpuOf } from './cpu-time.js';
import { ECHO_READY } from './echo-server.js';
import { BenchmarkFailed } from './run-benchmark.js';

/** The checkout, seen from where this file is built to. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const READY_WITHIN_MS = 60_000;
/** What steers the product must not leak in from the shell of whoever measures. */
const STEERING =
  /^(TOKEN_LEDGER_|DATABASE_URL$|REDIS_URL$|EVENT_STORE_|ROLE$|HOST$|PORT$|INIT_ADMIN|TOKEN_BRAND$|LOG_LEVEL$)/;

interface ServerCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Found in its output as soon as it serves; the first group is its address. */
  readonly ready: RegExp;
}

/** A server in a process of its own. */
export interface ChildServer {
  readonly url: string;
  readonly pid: number;
  /** Seconds of the processor that it has used so far; NaN where the system does not tell. */
  cpuSeconds(): Promise<number>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

export interface ChildLedger extends ChildServer {
  readonly admin: ApiClient;
  /** The same of its PostgreSQL. */
  postgresCpuSeconds(): Promise<number>;
}

/** Starts the product as `npm start` does, on an empty data directory. Null profileDir: it is not profiled. */
export async function startLedger(
  cleanUp: CleanUp,
  profileDir: string | null,
  eventStore: string | null = null,
): Promise<ChildLedger> {
  return startLedgerOn(cleanUp, await cleanUp.temporaryFolder('ledger'), profileDir, eventStore);
}

/**
 * The same on a data directory that a ledger has filled before. `eventStore`: address of an EventStoreDB that keeps the
 * event log, in streams of a name of their own; null: it is in PostgreSQL.
 */
export async function startLedgerOn(
  cleanUp: CleanUp,
  dataDir: string,
  profileDir: string | null,
  eventStore: string | null = null,
): Promise<ChildLedger> {
  const prefix = `b${randomBytes(6).toString('hex')}`;
  const log = eventStore === null ? {} : { EVENT_STORE_URL: eventStore, EVENT_STORE_PREFIX: prefix };
  const profiling = profileDir === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const server = await startServer(cleanUp, {
    name: 'ledger',
    args: [...profiling, ...(await startArguments())],
    env: { PORT: '0', TOKEN_LEDGER_DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...log },
    ready: /listening on (http:\/\/\S+)/i,
  });
  const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
  return {
    ...server,
    admin: new ApiClient(server.url, token),
    postgresCpuSeconds: await postgresCpuOf(dataDir),
  };
}

/** What `npm start` hands to Node, flags included. */
async function startArguments(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const found = /^exec node (.+)$/.exec(scripts.start)?.[1];
  if (found === undefined) throw new BenchmarkFailed(`npm start does not run node directly: ${scripts.start}`);
  return found.split(' ');
}

/** Starts the bare echo. */
export function startEcho(cleanUp: CleanUp): Promise<ChildServer> {
  const module = JSON.stringify(new URL('./echo-server.js', import.meta.url).href);
  const program = `import { serveEcho } from ${module}; await serveEcho();`;
  const ready = new RegExp(`${ECHO_READY}(\\S+)`);
  return startServer(cleanUp, { name: 'echo', args: ['--input-type=module', '--eval', program], ready });
}

async function startServer(cleanUp: CleanUp, { name, args, env, ready }: ServerCommand): Promise<ChildServer> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // In a group of its own: Ctrl-C reaches this process alone, which then stops the child in order.
    detached: true,
  });
  cleanUp.add(() => endOf(child));
  const cpuSeconds = (): Promise<number> => cpuSecondsOf(child.pid ?? 0);
  let output = '';
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new BenchmarkFailed(`the ${name} ${what}:\n${output}`));
    const timer = setTimeout(() => fail('does not serve in time'), READY_WITHIN_MS);
    let serves = false;
    const read = (chunk: Buffer): void => {
      // What it says while it is measured is a warning at least, and belongs before the eyes of whoever measures.
      if (serves) process.stderr.write(chunk);
      else output += chunk.toString('utf8');
      const address = ready.exec(output)?.[1];
      if (address === undefined) return;
      serves = true;
      clearTimeout(timer);
      resolve({ url: address, pid: child.pid ?? 0, cpuSeconds, stop: () => endOf(child) });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => fail(`cannot be started (${error.message})`));
    child.once('exit', (code) => fail(`ended with ${code} before it served`));
  });
}

/** Ends a child and waits until it is gone. */
async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !STEERING.test(name)));
}
