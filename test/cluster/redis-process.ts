import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { freePort } from './free-port.js';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** A Redis of the system's package, which keeps its jobs over `kill -9` as an operator's does. */
export class RedisProcess {
  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly policy: string,
    private child: ChildProcess,
  ) {}

  static async start(folder: string, policy = 'noeviction'): Promise<RedisProcess> {
    await mkdir(folder, { recursive: true });
    const port = await freePort();
    return new RedisProcess(folder, port, policy, await launch(folder, port, policy));
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
    this.child = await launch(this.folder, this.port, this.policy);
  }
}

async function launch(folder: string, port: number, policy: string): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', policy];
  const child = spawn('redis-server', [...options, ...durable], { stdio: ['ignore', 'pipe', 'inherit'] });
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
