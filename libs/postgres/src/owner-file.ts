import { readlink, rm, symlink } from 'node:fs/promises';
import { DataDirectoryInUse } from './embedded-postgres-error.js';
import { isAlive, processIdentity } from './process-info.js';

/**
 * `<dataDir>.owner`: a symbolic link whose target names the ledger that works on the directory. A link is made and
 * filled in one step, so it is never seen half-written. It refuses a second ledger early, before there is a database;
 * the lock of `OwnerSession` decides the rare case that two find the same dead owner at the same moment.
 */
export class OwnerFile {
  private constructor(
    private readonly path: string,
    private readonly content: string,
  ) {}

  /** @throws DataDirectoryInUse when a live process, this one included, holds the directory. */
  static async acquire(dataDir: string): Promise<OwnerFile> {
    const path = `${dataDir}.owner`;
    const content = `${process.pid}:${processIdentity(process.pid) ?? ''}`;
    for (;;) {
      if (await tryLink(content, path)) return new OwnerFile(path, content);
      const held = await readlink(path).catch(() => undefined);
      const ownerPid = held === undefined ? undefined : livePid(held);
      if (ownerPid !== undefined) throw new DataDirectoryInUse(dataDir, ownerPid);
      await rm(path, { force: true });
    }
  }

  async release(): Promise<void> {
    const held = await readlink(this.path).catch(() => undefined);
    if (held === this.content) await rm(this.path, { force: true });
  }
}

async function tryLink(content: string, path: string): Promise<boolean> {
  try {
    await symlink(content, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** The pid of the process that `content` names, if that very process still runs: pids are reused. */
function livePid(content: string): number | undefined {
  const separator = content.indexOf(':');
  const pid = Number(content.slice(0, separator));
  const identity = content.slice(separator + 1);
  if (!Number.isInteger(pid) || identity === '') return undefined;
  return isAlive(pid) && processIdentity(pid) === identity ? pid : undefined;
}
