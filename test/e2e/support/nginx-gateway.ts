import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, PROGRAM_PATH } from '#libs/kernel/testing';
import { ROOT } from './ledger-process.js';

const CONFIGURATION = 'deploy/nginx/token-ledger.conf';
const ENVIRONMENT = { ...process.env, PATH: PROGRAM_PATH };
/** `nobody`: nginx is started without any right of root's. */
const NOBODY = 65_534;

/** A real nginx with the documented configuration, changed in nothing but the ports, in a process of its own. */
export class NginxGateway {
  /** What nginx has said so far. */
  output = '';

  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** `ledger` and `api`: addresses, `host:port`, of what it asks and of what it protects. */
  static async start({ ledger, api }: { ledger: string; api: string }): Promise<NginxGateway> {
    const folder = await mkdtemp(join(tmpdir(), 'ledger-nginx-'));
    const listen = `127.0.0.1:${await freePort()}`;
    await writeFile(join(folder, 'token-ledger.conf'), await configurationFor({ ledger, api, listen }));
    await writeFile(join(folder, 'nginx.conf'), mainConfiguration(folder));
    const asRoot = process.getuid?.() === 0;
    if (asRoot) {
      await chmod(folder, 0o755);
      await mkdir(join(folder, 'temp'));
      await chown(join(folder, 'temp'), NOBODY, NOBODY);
    } else await mkdir(join(folder, 'temp'));
    const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
      env: ENVIRONMENT,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(asRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    const gateway = new NginxGateway(`http://${listen}`, folder, child);
    await gateway.untilServing();
    return gateway;
  }

  async dispose(): Promise<void> {
    if (this.child.exitCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'close');
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private untilServing(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.stderr?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString('utf8');
        if (this.output.includes('start worker process')) resolve();
      });
      this.child.once('error', reject);
      this.child.once('close', () => reject(new Error(`nginx ended:\n${this.output}`)));
    });
  }
}

/** The file as it is documented; fails when a port that is to be replaced is not in it. */
async function configurationFor(to: { ledger: string; api: string; listen: string }): Promise<string> {
  const text = await readFile(join(ROOT, CONFIGURATION), 'utf8');
  const places = { '127.0.0.1:3000': to.ledger, '127.0.0.1:8000': to.api, '127.0.0.1:8080': to.listen };
  return Object.entries(places).reduce((changed, [written, used]) => {
    if (changed.split(written).length !== 2) throw new Error(`${CONFIGURATION} does not name ${written} once`);
    return changed.replace(written, used);
  }, text);
}

function mainConfiguration(folder: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const folders = kinds.map((kind) => `  ${kind}_temp_path ${join(folder, 'temp', kind)};`);
  return [
    'daemon off;',
    'worker_processes 1;',
    `pid ${join(folder, 'temp', 'nginx.pid')};`,
    'error_log stderr notice;',
    'events { worker_connections 256; }',
    'http {',
    '  access_log off;',
    ...folders,
    `  include ${join(folder, 'token-ledger.conf')};`,
    '}',
    '',
  ].join('\n');
}
