import { readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OwnerFile } from './owner-file.js';
import { processIdentity } from './process-info.js';
import { makeUncollectedStranger, makeWorkFolder, removeWorkFolder } from './testing/work-folder.js';

describe('OwnerFile', () => {
  let folder: string;
  let dataDir: string;

  beforeEach(async () => {
    folder = await makeWorkFolder();
    dataDir = join(folder, 'data');
  });

  afterEach(() => removeWorkFolder(folder, []));

  it('is held by one, also against another caller in the same process, until it is released', async () => {
    const held = await OwnerFile.acquire(dataDir);
    await expect(OwnerFile.acquire(dataDir)).rejects.toMatchObject({ dataDir, ownerPid: process.pid });
    await held.release();
    await (await OwnerFile.acquire(dataDir)).release();
  });

  it('passes from a dead owner to the next, also when the pid of the dead one is taken again', async () => {
    for (const content of [`${process.ppid}:some-earlier-process`, `4194999:gone`, 'nonsense', `${process.pid}:`]) {
      await symlink(content, `${dataDir}.owner`);
      await (await OwnerFile.acquire(dataDir)).release();
    }
  });

  it('passes on from an owner that was killed and that its parent never collects', async () => {
    const { pid, end } = await makeUncollectedStranger();
    await symlink(`${pid}:${processIdentity(pid)}`, `${dataDir}.owner`);
    await (await OwnerFile.acquire(dataDir)).release();
    await end();
  });

  it('leaves the file of another owner alone when it is released', async () => {
    const held = await OwnerFile.acquire(dataDir);
    const other = `${process.ppid}:${processIdentity(process.ppid)}`;
    await rm(`${dataDir}.owner`);
    await symlink(other, `${dataDir}.owner`);
    await held.release();
    expect(await readlink(`${dataDir}.owner`)).toBe(other);
    await expect(OwnerFile.acquire(dataDir)).rejects.toMatchObject({ ownerPid: process.ppid });
  });
});
