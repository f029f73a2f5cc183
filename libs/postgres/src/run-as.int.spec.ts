import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ChildLedger, copyBinariesWithoutLinks, makeChildProject } from './testing/child-project.js';
import { makeWorkFolder, query, removeWorkFolder } from './testing/work-folder.js';

jest.setTimeout(30_000);

const NOBODY = { uid: 65534, gid: 65534 };
const ownUid = process.getuid?.() ?? 0;
const asRoot = ownUid === 0;
/** What a normal user is: whoever runs the tests, or another one when that is root. */
const normalUser: Partial<typeof NOBODY> = asRoot ? NOBODY : {};

/** Becomes root of a namespace in which every user exists and in which no further namespace can be made. */
const CONTAINER = [
  'unshare',
  '--user',
  'sh',
  '-c',
  `echo '{"log":"namespace"}'; read go
   exec setpriv --reuid=0 --regid=0 --clear-groups -- sh -c '
     echo 0 > /proc/sys/user/max_user_namespaces; exec "$@"' sh "$@"`,
  'sh',
];

let folder: string;
let parent: string;
let dataDir: string;
let project: string;
const children: ChildLedger[] = [];

beforeAll(async () => {
  folder = await makeWorkFolder();
  await chmod(folder, 0o755);
  project = join(folder, 'project');
  await makeChildProject(project);
});

afterEach(() => {
  children.splice(0).forEach((child) => child.process.kill('SIGKILL'));
});

afterAll(() =>
  removeWorkFolder(
    folder,
    ['user/postgres', 'root/postgres'].map((path) => join(folder, path)),
  ),
);

/** A folder that only `user` may enter; the data directory will be made in it. */
async function makeParent(name: string, user: Partial<typeof NOBODY>): Promise<void> {
  parent = join(folder, name);
  dataDir = join(parent, 'postgres');
  await mkdir(parent, { mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined) await chown(parent, user.uid, user.gid);
}

function startChild(options: object = {}, prefix: string[] = []): ChildLedger {
  const child = ChildLedger.start(project, dataDir, options, prefix);
  children.push(child);
  return child;
}

/** Waits until the child serves, and stops it again. @returns the user of its server. */
async function serverUser(child: ChildLedger): Promise<number> {
  const { pid, connectionString } = await child.started();
  expect(await query(connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  const user = Number(execFileSync('ps', ['-o', 'uid=', '-p', String(pid)], { encoding: 'utf8' }));
  await child.stop();
  return user;
}

describe('EmbeddedPostgres of a normal user', () => {
  const uid = normalUser.uid ?? ownUid;
  beforeAll(() => makeParent('user', normalUser));

  it('runs plainly as that user', async () => {
    expect(await serverUser(startChild(normalUser))).toBe(uid);
    expect((await stat(dataDir)).uid).toBe(uid);
  });

  it('runs as that user when somebody starts it as the current one', async () => {
    expect(await serverUser(startChild())).toBe(uid);
  });

  it('finds its libraries after an installation without install scripts, also when that is read-only', async () => {
    const binaries = await copyBinariesWithoutLinks(project);
    expect(spawnSync(join(binaries, 'native/bin/postgres'), ['--version']).status).not.toBe(0);
    const lib = join(binaries, 'native/lib');
    await chmod(lib, 0o555);
    await serverUser(startChild(normalUser));
    expect(await linksIn(lib)).toEqual([]);
    expect(await linksIn(`${dataDir}.lib`)).toEqual(await linksOf(binaries));
    await chmod(lib, 0o755);
    await serverUser(startChild());
    expect(await linksIn(lib)).toEqual(await linksOf(binaries));
  });
});

// What only root can try, and only on Linux.
const describeRoot = asRoot && process.platform === 'linux' ? describe : undefined;

describeRoot?.('EmbeddedPostgres of root', () => {
  beforeAll(() => makeParent('root', {}));

  it('names both ways out when there is neither a user namespace nor a user that can do the work', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    for (const name of ['id', 'sh']) {
      await symlink(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(bin, name));
    }
    const { failed } = await startChild({ env: { PATH: bin } }).outcome();
    expect(failed?.name).toBe('EmbeddedPostgresError');
    expect(failed?.message).toMatch(
      /refuses to run as root.* cannot enter .*as a normal user, or allow user namespaces/,
    );
    expect(failed?.message).toContain('DATABASE_URL');
    expect(await readdir(parent)).toEqual([]);
  });

  it('keeps the files as those of root', async () => {
    await serverUser(startChild());
    expect((await stat(dataDir)).uid).toBe(0);
  });

  it.each([
    ['closed', 0o700],
    ['open', 0o711],
  ])('changes to another user where there are no user namespaces, below a folder %s to that user', async (_, mode) => {
    await chmod(parent, mode);
    await chown(dataDir, 0, 0);
    const child = startChild({}, CONTAINER);
    await child.logged('namespace');
    await writeFile(`/proc/${child.process.pid}/uid_map`, '0 0 65536');
    await writeFile(`/proc/${child.process.pid}/gid_map`, '0 0 65536');
    child.process.stdin?.write('go\n');
    const user = await serverUser(child);
    expect(user).not.toBe(0);
    expect((await stat(dataDir)).uid).toBe(user);
  });
});

async function linksIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isSymbolicLink() ? [entry.name] : [])).sort();
}

async function linksOf(binaries: string): Promise<string[]> {
  const text = await readFile(join(binaries, 'native/pg-symlinks.json'), 'utf8');
  return (JSON.parse(text) as { target: string }[]).map(({ target }) => basename(target)).sort();
}
