import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunAs } from './run-as.js';
import { chooseSocketDirectory, prepareSocketDirectory } from './socket-directory.js';
import { makeWorkFolder, removeWorkFolder } from './testing/work-folder.js';

const PLAIN: RunAs = { description: 'as the current user', prefix: [] };
const OTHER: RunAs = { description: 'as user 65534', prefix: [], owner: { uid: 65534, gid: 65534 } };
const LONG = `/${'x'.repeat(120)}`;

describe('chooseSocketDirectory', () => {
  it('stays inside the data directory up to the longest path that a socket can have', () => {
    const longest = (process.platform === 'linux' ? 107 : 103) - '/socket/.s.PGSQL.5432'.length;
    const fits = `/${'x'.repeat(longest - 1)}`;
    expect(chooseSocketDirectory(fits, PLAIN, {})).toBe(`${fits}/socket`);
    expect(chooseSocketDirectory(`${fits}x`, PLAIN, {})).not.toContain('xxx');
  });

  it('gives the same short directory for the same data directory, and another for another', () => {
    const env = { XDG_RUNTIME_DIR: '/run/user/1000' };
    expect(chooseSocketDirectory(LONG, PLAIN, env)).toMatch(/^\/run\/user\/1000\/token-ledger-[0-9a-f]{16}$/);
    expect(chooseSocketDirectory(LONG, PLAIN, env)).toBe(chooseSocketDirectory(LONG, PLAIN, env));
    expect(chooseSocketDirectory(`${LONG}y`, PLAIN, env)).not.toBe(chooseSocketDirectory(LONG, PLAIN, env));
  });

  it('leaves the run-time directory of the current user alone when another user runs the server', () => {
    expect(chooseSocketDirectory(LONG, OTHER, { XDG_RUNTIME_DIR: '/run/user/0' })).not.toContain('/run/user');
  });
});

describe('prepareSocketDirectory', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await makeWorkFolder();
  });
  afterEach(() => removeWorkFolder(folder, []));

  it('accepts its own directory again', async () => {
    await prepareSocketDirectory(join(folder, 'socket'), PLAIN);
    await prepareSocketDirectory(join(folder, 'socket'), PLAIN);
  });

  it('refuses a directory that others can enter, and a link to one', async () => {
    await mkdir(join(folder, 'open'));
    await chmod(join(folder, 'open'), 0o755);
    await expect(prepareSocketDirectory(join(folder, 'open'), PLAIN)).rejects.toThrow('belongs to user');
    await mkdir(join(folder, 'private'), { mode: 0o700 });
    await symlink(join(folder, 'private'), join(folder, 'link'));
    await expect(prepareSocketDirectory(join(folder, 'link'), PLAIN)).rejects.toThrow('belongs to user');
  });
});
