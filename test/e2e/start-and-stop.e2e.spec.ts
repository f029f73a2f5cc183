import { execFile, type ExecFileException } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CURL, whereInstalled } from '#libs/kernel/testing';
import { drawTokenString } from '#libs/tokens/domain';
import { eventStoreSettings } from './support/event-store.js';
import { expectSentence } from './support/expect-sentence.js';
import type { Loose } from './support/ledger-client.js';
import { type FailedStart, LedgerProcess, ROOT, type StartOptions } from './support/ledger-process.js';
import { postmasterOf } from './support/processes.js';
import { expectStatus, Scenario } from './support/scenario.js';

const START_MS = 120_000;
const DEFAULT_PORT = 3000;
const NOBODY = 65_534;
const itWithCurl = whereInstalled(it, CURL, 'the curl lines of the banner');

describe('the first start and what keeps a server from starting', () => {
  let folder: string;
  const running: LedgerProcess[] = [];
  const listening: Server[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-start-'));
  });
  afterEach(async () => {
    for (const ledger of running.splice(0).reverse()) await ledger.dispose();
    for (const server of listening.splice(0)) server.close();
    await rm(folder, { recursive: true, force: true });
  }, START_MS);

  async function start(options: StartOptions = {}): Promise<LedgerProcess> {
    const ledger = await LedgerProcess.start({ dataDir: join(folder, 'data'), ...options });
    running.push(ledger);
    return ledger;
  }

  function startInVain(options: StartOptions = {}): Promise<FailedStart> {
    return LedgerProcess.startInVain({ ...options, dataDir: options.dataDir ?? join(folder, 'data') });
  }

  it(
    'makes a data directory and files that are closed to other users',
    async () => {
      const dataDir = join(folder, 'deep', 'below', 'data');
      const ledger = await start({ dataDir });
      expect(await modeOf(dataDir)).toBe('700');
      expect(await modeOf(join(dataDir, 'admin-token'))).toBe('600');
      expect(await modeOf(join(dataDir, 'secrets'))).toBe('600');
      expect(await modeOf(join(dataDir, 'postgres'))).toBe('700');
      for (const entry of await readdir(dataDir, { withFileTypes: true })) {
        // A link has no rights of its own.
        if (entry.isSymbolicLink()) continue;
        const mode = Number.parseInt(await modeOf(join(dataDir, entry.name)), 8);
        expect({ name: entry.name, forOthers: mode & 0o077 }).toEqual({ name: entry.name, forOthers: 0 });
      }
      expect(ledger.output).not.toContain(ledger.adminToken);
      expect(ledger.output).toContain(join(dataDir, 'admin-token'));
    },
    START_MS,
  );

  itWithCurl(
    'prints three curl lines that work when pasted into a shell',
    async () => {
      const ledger = await start({ dataDir: join(folder, 'with a blank') });
      const lines = ledger.output.split('\n').filter((line) => /^(export|curl) /.test(line));
      const [setUp = '', ...curls] = lines;
      expect(setUp).toMatch(/^export /);
      expect(curls).toHaveLength(3);
      const answers: Loose[] = [];
      for (const curl of curls) answers.push(JSON.parse(await bash([setUp, curl].join('\n'))));
      const [me, organization, entries] = answers;
      expect(me.token.type).toBe('admin');
      expect(organization.handle).toBe('acme');
      expect(entries.data.map((entry: Loose) => entry.action)).toContain('OrganizationCreated');
    },
    START_MS,
  );

  it(
    'keeps everything over a restart, the admin token too',
    async () => {
      const first = await start();
      const organization = await new Scenario(first.client()).organization();
      expect(await first.end()).toBe(0);
      const second = await start();
      expect(second.adminToken).toBe(first.adminToken);
      expect(expectStatus(await second.client().get(`/v1/organizations/${organization.uid}`), 200)).toMatchObject({
        handle: organization.handle,
      });
      const tokens = expectStatus(await second.client().get('/v1/tokens?type=admin'), 200).data;
      expect(tokens).toHaveLength(1);
    },
    START_MS,
  );

  it(
    'refuses a port that was chosen and is busy, with a sentence',
    async () => {
      const server = createServer().listen(0, '127.0.0.1');
      listening.push(server);
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      expectSentence(await startInVain({ env: { PORT: String(port) } }), new RegExp(`Port ${port} .*in use`));
      expect(await postmasterOf(join(folder, 'data'))).toBeNull();
    },
    START_MS,
  );

  it(
    'takes the next free port when the default one is busy, and says so',
    async () => {
      const server = createServer().listen(DEFAULT_PORT, '127.0.0.1');
      listening.push(server);
      // Busy is busy, whoever uses it.
      await Promise.race([once(server, 'listening'), once(server, 'error')]).catch(() => undefined);
      const ledger = await start({ env: { PORT: undefined } });
      expect(Number(new URL(ledger.url).port)).toBeGreaterThan(DEFAULT_PORT);
      expect(ledger.output).toMatch(/Port 3000 was in use/);
      expectStatus(await ledger.client().get('/v1/me'), 200);
    },
    START_MS,
  );

  it(
    'refuses a data directory that another server works on, which goes on',
    async () => {
      const first = await start();
      expectSentence(await startInVain(), /in use|another ledger/i);
      expectStatus(await first.client().get('/v1/me'), 200);
    },
    START_MS,
  );

  it(
    'refuses a database that was made with other secrets',
    async () => {
      const first = await start();
      const postmaster = await postmasterOf(first.dataDir);
      const dataDir = join(folder, 'other');
      const env = { ...eventStoreSettings(first.dataDir), DATABASE_URL: postmaster?.databaseUrl };
      expectSentence(await startInVain({ dataDir, env }), /secrets in .*other.* are not those of this ledger/);
      expectStatus(await first.client().get('/v1/me'), 200);
    },
    START_MS,
  );

  it(
    'seeds the admin tokens of INIT_ADMIN_API_TOKENS once, and prints none of them',
    async () => {
      const [one, two, late] = [adminTokenString(), adminTokenString(), adminTokenString()];
      const first = await start({ env: { INIT_ADMIN_API_TOKENS: ` ${one}, ${two},` } });
      expect(await readdir(first.dataDir)).not.toContain('admin-token');
      for (const token of [one, two]) {
        const me = expectStatus(await first.client(token).get('/v1/me'), 200);
        expect(me.token.type).toBe('admin');
        expect(first.output).not.toContain(token);
      }
      const [created] = await new Scenario(first.client(one)).entries('action=TokenCreated');
      expect(created.actor.type).toBe('system');
      await first.end();
      const second = await start({ env: { INIT_ADMIN_API_TOKENS: late } });
      expect((await second.client(late).get('/v1/me')).status).toBe(401);
      expectStatus(await second.client(two).get('/v1/me'), 200);
    },
    START_MS,
  );

  it(
    'refuses a malformed token of INIT_ADMIN_API_TOKENS by the name of the variable, without printing it',
    async () => {
      const good = adminTokenString();
      const mistyped = `${good.slice(0, -1)}${good.endsWith('0') ? '1' : '0'}`;
      const failed = await startInVain({ env: { INIT_ADMIN_API_TOKENS: `${adminTokenString()},${mistyped}` } });
      expectSentence(failed, /INIT_ADMIN_API_TOKENS: token 2 /);
      expect(failed.output).not.toContain(mistyped);
      expect(failed.output).not.toContain(mistyped.slice(-49));
      expect(await postmasterOf(join(folder, 'data'))).toBeNull();
    },
    START_MS,
  );

  it(
    'refuses a misspelt setting and an unknown argument, and says what was meant',
    async () => {
      expectSentence(
        await startInVain({ env: { TOKEN_LEDGER_DATADIR: folder } }),
        /TOKEN_LEDGER_DATADIR is not a setting .*TOKEN_LEDGER_DATA_DIR/,
      );
      expectSentence(await startInVain({ args: ['--dmeo'] }), /--dmeo.*--demo/);
      expect(await readdir(folder)).toEqual([]);
    },
    START_MS,
  );

  it(
    'runs as a user without rights, on a data directory of its own',
    async () => {
      const dataDir = join(folder, 'data');
      const isRoot = process.getuid?.() === 0;
      const uid = isRoot ? NOBODY : process.getuid?.();
      if (isRoot) await chown(folder, NOBODY, NOBODY);
      const ledger = await start({ dataDir, ...(isRoot ? await asNobody(folder) : {}), env: { HOME: folder } });
      for (const name of ['admin-token', 'secrets', 'postgres']) {
        expect({ name, uid: (await stat(join(dataDir, name))).uid }).toEqual({ name, uid });
      }
      const token = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
      expectStatus(await ledger.client(token).post('/v1/organizations', { handle: `org-${randomUUID()}` }), 201);
      expect(await ledger.end()).toBe(0);
      expect(await postmasterOf(dataDir)).toBeNull();
    },
    START_MS,
  );
});

/** Starts as a user without rights, from a copy in `folder` where the checkout lies in a folder that is closed to it. */
async function asNobody(folder: string): Promise<StartOptions> {
  const user = { uid: NOBODY, gid: NOBODY };
  const look = 'require("node:fs").accessSync(process.argv[1])';
  const isOpen = await run(process.execPath, ['-e', look, join(ROOT, 'package.json')], user).then(
    () => true,
    () => false,
  );
  if (isOpen) return { user };
  const checkout = join(folder, 'checkout');
  // Hard links where the file system allows them: what is installed is large, and only read.
  await run('cp', ['-al', ROOT, checkout]).catch(async () => {
    await rm(checkout, { recursive: true, force: true });
    await run('cp', ['-a', ROOT, checkout]);
  });
  await chmod(checkout, 0o755);
  return { user, checkout };
}

function adminTokenString(): string {
  return drawTokenString('tl', 'a', randomBytes).text;
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

/** Runs lines as a person's shell does; fails with what it printed when a line fails. */
function bash(lines: string): Promise<string> {
  return run('bash', ['-c', `set -eu\n${lines}`]);
}

function run(file: string, args: string[], user: StartOptions['user'] = undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { ...user, cwd: '/' }, (error: ExecFileException | null, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${error.message}\n${stdout}\n${stderr}`));
    });
  });
}
