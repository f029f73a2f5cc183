import { mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { linkLibraries } from './link-libraries.js';
import { type Binaries, locateBinaries } from './locate-binaries.js';
import { chooseRunAs, type RunAs } from './run-as.js';

export const DATABASE_USER = 'ledger';

/** Everything that is needed to run a program of PostgreSQL on one data directory. */
export interface Cluster {
  /** Absolute, without symbolic links, so that it can be compared with what the system reports. */
  dataDir: string;
  binaries: Binaries;
  runAs: RunAs;
  /** The whole environment of the programs. */
  env: Record<string, string>;
  log: (line: string) => void;
}

/** The absolute path of a data directory that need not exist yet; makes its parent folder, closed to others. */
export async function resolveDataDir(path: string): Promise<string> {
  const absolute = resolve(path);
  await mkdir(dirname(absolute), { recursive: true, mode: 0o700 });
  return realpath(absolute).catch(async () => join(await realpath(dirname(absolute)), basename(absolute)));
}

/** Finds the programs for `dataDir` and the way to run them. @throws EmbeddedPostgresError when there is none. */
export async function openCluster(dataDir: string, log: (line: string) => void): Promise<Cluster> {
  const binaries = locateBinaries();
  const env = { ...baseEnvironment(), ...(await linkLibraries(binaries.nativeDir, `${dataDir}.lib`)) };
  const runAs = await chooseRunAs({ binaries, dataDir, env });
  return { dataDir, binaries, runAs, env, log };
}

/** Without the variables of the caller that PostgreSQL reads (PGPORT, PGDATA, LC_*, TZ), which would change it. */
function baseEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) =>
    ['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH'].includes(name),
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), LANG: 'C', TZ: 'UTC' };
}
