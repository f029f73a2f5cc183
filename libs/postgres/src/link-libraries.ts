import { constants } from 'node:fs';
import { access, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

interface LibraryLink {
  /** Both relative to the package folder, as `native/lib/libpq.so.5.18`. */
  source: string;
  target: string;
}

/**
 * Makes the library links that the install script of the binary package makes, for installations that ran no scripts:
 * without them no program of the package can be loaded. In a read-only installation the links go to `shadowDir`.
 *
 * @returns environment variables that the programs need to find their libraries; empty when the links are in place.
 */
export async function linkLibraries(nativeDir: string, shadowDir: string): Promise<Record<string, string>> {
  const packageDir = dirname(nativeDir);
  const missing = await missingLinks(packageDir, await readLinks(nativeDir));
  try {
    for (const link of missing) {
      await replaceLink(relative(dirname(link.target), link.source), join(packageDir, link.target));
    }
    return {};
  } catch (error) {
    if (!isReadOnly(error)) throw error;
  }
  await mkdir(shadowDir, { recursive: true, mode: 0o755 });
  for (const link of missing) {
    await replaceLink(join(packageDir, link.source), join(shadowDir, basename(link.target)));
  }
  return searchPath(shadowDir, join(nativeDir, 'lib'));
}

async function readLinks(nativeDir: string): Promise<LibraryLink[]> {
  const text = await readFile(join(nativeDir, 'pg-symlinks.json'), 'utf8');
  return JSON.parse(text) as LibraryLink[];
}

async function missingLinks(packageDir: string, links: LibraryLink[]): Promise<LibraryLink[]> {
  const present = await Promise.all(links.map((link) => isReadable(join(packageDir, link.target))));
  return links.filter((_, index) => present[index] === false);
}

/** Follows the link, so that a link to a file that is gone counts as missing. */
async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function replaceLink(target: string, path: string): Promise<void> {
  await rm(path, { force: true });
  await symlink(target, path).catch((error: NodeJS.ErrnoException) => {
    // A second ledger that starts at the same moment makes the same link.
    if (error.code !== 'EEXIST') throw error;
  });
}

function isReadOnly(error: unknown): boolean {
  return ['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** The libraries' own folder is named too: what is found through the variable does not search beside itself. */
function searchPath(...folders: string[]): Record<string, string> {
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  const inherited = process.env[variable];
  return { [variable]: [...folders, ...(inherited ? [inherited] : [])].join(':') };
}
