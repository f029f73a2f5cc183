import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { freePort } from '#libs/kernel/testing';

export interface RedisOptions {
  /** Where it keeps its jobs over `kill -9`, as an operator's does; absent: it keeps nothing. */
  readonly folder?: string;
  /** Absent: everybody is let in. */
  readonly password?: string;
  /** What it does when its memory is full; `noeviction` when absent. */
  readonly policy?: string;
}

/** A Redis of the system's package. */
export class RedisProcess {
  private constructor(
    readonly port: number,
    private readonly settings: readonly string[],
    private child: ChildProcess,
  ) {}

  static async start({ folder, password, policy = 'noeviction' }: RedisOptions): Promise<RedisProcess> {
    if (folder !== undefined) await mkdir(folder, { recursive: true });
    const port = await freePort();
    const kept =
      folder === undefined ? { appendonly: 'no' } : { dir: folder, appendonly: 'yes', appendfsync: 'everysec' };
    const guard = password === undefined ? {} : { requirepass: password };
    const named = { port, bind: '127.0.0.1', save: '', 'maxmemory-policy': policy, ...kept, ...guard };
    const settings = Object.entries(named).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return new RedisProcess(port, settings, await launch(settings));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }

  /** Starts it again on the same port and data. */
  async restart(): Promise<void> {
    this.child = await launch(this.settings);
  }
}

async function launch(settings: readonly string[]): Promise<ChildProcess> {
  const child = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    let printed = '';
    child.stdout?.on('data', (text: Buffer) => {
      printed += text.toString();
      if (printed.includes('Ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server ended:\n${printed}`)));
  });
  return child;
}
