import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerClient } from './ledger-client.js';

const ROOT = new URL('../../..', import.meta.url).pathname;
const READY_WITHIN_MS = 60_000;

export interface StartOptions {
  /** An existing data directory; a fresh one, removed at the end, when absent. */
  dataDir?: string;
  env?: Record<string, string>;
  args?: string[];
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
    const child = spawn(process.execPath, ['scripts/start.mjs', ...(options.args ?? [])], {
      cwd: ROOT,
      env: { ...cleanEnvironment(), PORT: '0', TOKEN_LEDGER_DATA_DIR: dataDir, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ledger = new LedgerProcess(child, dataDir, options.dataDir === undefined);
    await ledger.waitUntilServing();
    ledger.adminToken = (await readFile(join(dataDir, 'admin-token'), 'utf8').catch(() => '')).trim();
    return ledger;
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

  /** Stops in order and removes what the test made. */
  async dispose(): Promise<void> {
    await this.end();
    if (this.ownsDataDir) await rm(this.dataDir, { recursive: true, force: true });
  }

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
      this.child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`ended with ${code} before it served:\n${this.output}`));
      });
    });
  }
}

/** The test's own environment without what would steer the product. */
function cleanEnvironment(): Record<string, string> {
  const steering = /^(TOKEN_LEDGER_|DATABASE_URL$|REDIS_URL$|HOST$|PORT$|INIT_ADMIN|TOKEN_BRAND|NODE_OPTIONS$|JEST_)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name, value]) => value !== undefined && !steering.test(name)),
  ) as Record<string, string>;
}
