import { execFile } from 'node:child_process';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const STEP_BYTES = 4 * 1024 * 1024;
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);

/** A file system of its own, small enough to be filled up: what is written to a full one fails as on any full disk. */
export class SmallDisk {
  private constructor(readonly path: string) {}

  /** Mounts one at `path`; gives the reason in a sentence where that is not allowed. */
  static async mount(path: string, megabytes: number): Promise<SmallDisk | string> {
    if (process.platform !== 'linux') return 'a small file system can only be mounted on Linux';
    await mkdir(path, { recursive: true, mode: 0o700 });
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', path]);
      return new SmallDisk(path);
    } catch (error) {
      const said = (error as { stderr?: string }).stderr?.trim() ?? (error as Error).message;
      return `mounting a tmpfs needs root with CAP_SYS_ADMIN (${said})`;
    }
  }

  /** Takes the space up, most of it in one go, and then writes until nothing more fits. */
  async fill(): Promise<void> {
    const { bavail, bsize } = await statfs(this.path);
    const most = bavail * bsize - 2 * STEP_BYTES;
    // Others may take of it at the same moment; the writes below take what is left in any case.
    if (most > 0) await run('fallocate', ['-l', String(most), this.ballast]).catch(() => undefined);
    const file = await open(this.ballast, 'a');
    let step = STEP_BYTES;
    try {
      while (step >= 512) step = (await this.grows(file, step)) ? step : step / 2;
    } finally {
      await file.close();
    }
  }

  /** Gives the space back. */
  async free(): Promise<void> {
    await rm(this.ballast, { force: true });
  }

  /** Megabytes in use. */
  async used(): Promise<number> {
    const { blocks, bfree, bsize } = await statfs(this.path);
    return Math.round(((blocks - bfree) * bsize) / 2 ** 20);
  }

  async unmount(): Promise<void> {
    await run('umount', ['-l', this.path]);
  }

  private async grows(file: Awaited<ReturnType<typeof open>>, bytes: number): Promise<boolean> {
    try {
      await file.appendFile(Buffer.alloc(bytes));
      return true;
    } catch (error) {
      if (NO_SPACE.has((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  }

  private get ballast(): string {
    return join(this.path, 'ballast');
  }
}
