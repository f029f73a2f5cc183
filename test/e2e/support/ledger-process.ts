import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreSettings } from './event-store.js';
import { LedgerClient } from './ledger-client.js';

/** The folder of the checkout. */
export const ROOT = new URL('../../..', import.meta.url).pathname;
const READY_WITHIN_MS = 60_000;

export interface StartOptions {
  /** An existing data directory; a fresh one, removed at the end, when absent. */
  dataDir?: string;
  /** Added to the environment; undefined takes a variable out of it. */
  env?: Record<string, string | undefined>;
  args?: string[];
  /** User and group to run as, for a test that runs as root. */
  user?: { uid: number; gid: number };
  /** A copy of the checkout to start from; the checkout itself when absent. */
  checkout?: string;
  /** In a process group of its own, as a shell starts what is typed into it. */
  ownGroup?: boolean;
}

/** How a start ended that was not to succeed. */
export interface FailedStart {
  code: number | null;
  /** Everything that it printed. */
  output: string;
}

/** The product as `npm start` runs it, in a process of its own on a free port, driven from outside. */
export class LedgerProcess {
  /** Everything that it printed so far. */
  output = '';
  url = '';
  adminToken = '';

  private constructor(
    readonly child: ChildProcess,
    readonly dataDir: string,
    private readonly ownsDataDir: boolean,
  ) {}

  static async start(options: StartOptions = {}): Promise<LedgerProcess> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'ledger-e2e-')));
    const ledger = new LedgerProcess(launch(dataDir, options), dataDir, options.dataDir === undefined);
    try {
      await ledger.waitUntilServing();
    } catch (error) {
      await ledger.dispose();
      throw error;
    }
    ledger.adminToken = (await readFile(join(dataDir, 'admin-token'), 'utf8').catch(() => '')).trim();
    return ledger;
  }

  /** Starts what must not come up, and waits for its end. Fails when it serves. */
  static async startInVain(options: StartOptions & { dataDir: string }): Promise<FailedStart> {
    const ledger = new LedgerProcess(launch(options.dataDir, options), options.dataDir, false);
    const code = await ledger.waitUntilServing().then(
      () => 'serving' as const,
      (error: unknown) => (error instanceof EndedEarly ? error.code : Promise.reject(error as Error)),
    );
    if (code !== 'serving') return { code, output: ledger.output };
    await ledger.end();
    throw new Error(`it serves:\n${ledger.output}`);
  }

  /** A client that calls with `token` (the bootstrap admin's when absent). */
  client(token: string | null = this.adminToken): LedgerClient {
    return new LedgerClient(this.url, token);
  }

  /** Ends the process with a signal and waits for its end; gives the exit code. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }

  /** Resolves when it has printed what matches; fails when it ends before. */
  printed(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (pattern.test(this.output)) resolve();
      };
      this.child.stdout?.on('data', look);
      this.child.stderr?.on('data', look);
      this.child.once('close', () => reject(new Error(`ended without ${pattern}:\n${this.output}`)));
      look();
    });
  }

  /** Stops in order and removes what the test made. */
  async dispose(): Promise<void> {
    await this.end();
    if (this.ownsDataDir) await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Rejects with EndedEarly after everything that it printed has been read. */
  private waitUntilServing(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not serving in time:\n${this.output}`)), READY_WITHIN_MS);
      const read = (chunk: Buffer) => {
        this.output += chunk.toString('utf8');
        const address = /listening on (http:\/\/\S+)/i.exec(this.output)?.[1];
        if (address === undefined || this.url !== '') return;
        this.url = address;
        clearTimeout(timer);
        resolve();
      };
      this.child.stdout?.on('data', read);
      this.child.stderr?.on('data', read);
      this.child.once('close', (code: number | null) => {
        clearTimeout(timer);
        reject(new EndedEarly(code, this.output));
      });
    });
  }
}

class EndedEarly extends Error {
  override name = 'EndedEarly';

  constructor(
    readonly code: number | null,
    output: string,
  ) {
    super(`ended with ${code} before it served:\n${output}`);
  }
}

/** What `npm start` hands to Node, flags included. */
function startArguments(checkout: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  return scripts.start.replace(/^exec node /, '').split(' ');
}

function launch(dataDir: string, options: StartOptions): ChildProcess {
  const { args = [], env = {}, user, checkout = ROOT, ownGroup = false } = options;
  return spawn(process.execPath, [...startArguments(checkout), ...args], {
    cwd: checkout,
    env: {
      ...cleanEnvironment(),
      ...eventStoreSettings(dataDir),
      PORT: '0',
      TOKEN_LEDGER_DATA_DIR: dataDir,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup,
    ...user,
  });
}

/** The test's own environment without what would steer the product. */
function cleanEnvironment(): Record<string, string> {
  const steering =
    /^(TOKEN_LEDGER_|DATABASE_URL$|REDIS_URL$|EVENT_STORE_|ROLE$|HOST$|PORT$|INIT_ADMIN|TOKEN_BRAND|NODE_OPTIONS$|JEST_)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name, value]) => value !== undefined && !steering.test(name)),
  ) as Record<string, string>;
}
