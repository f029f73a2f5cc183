// Tells whether the packages and the build on disk are those of the sources on disk. Reads only, apart from the stamps.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const INSTALL_STAMP = 'node_modules/.token-ledger-lock';
const BUILD_STAMP = 'dist/.token-ledger-build.json';
const SOURCE_FOLDERS = ['apps', 'libs', 'benchmarks'];
const BUILD_SETTINGS = /^(?:package(?:-lock)?|nest-cli|tsconfig.*)\.json$/;
/** What no build reads: tests and prose. */
const NOT_BUILT = /\.spec\.ts$|\.md$|^\./;

const sha256 = (content) => createHash('sha256').update(content).digest('hex');
const readOrNothing = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/** Whether node_modules holds what package-lock.json names. */
export function isInstalled(root) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  if (readOrNothing(join(root, INSTALL_STAMP)) === sha256(lock)) return true;
  const installed = readOrNothing(join(root, 'node_modules/.package-lock.json'));
  if (installed === undefined || !satisfies(JSON.parse(installed), JSON.parse(lock))) return false;
  markInstalled(root);
  return true;
}

/** Remembers that node_modules belongs to the lock file as it is now. */
export function markInstalled(root) {
  writeIfAllowed(join(root, INSTALL_STAMP), sha256(readFileSync(join(root, 'package-lock.json'), 'utf8')));
}

/**
 * Compares npm's own list of what it installed with the lock. Versions and not dates, because a checkout gives the
 * lock a new date. What is optional may be missing: npm leaves out the binaries of other platforms.
 */
function satisfies(installed, lock) {
  return Object.entries(lock.packages).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed.packages[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/**
 * What the build depends on, as two digests: `dates` is quick to make (name, size and date of each file), `contents`
 * reads every file and stays the same when a checkout only renews the dates.
 */
export function sourceState(root) {
  const files = sourceFiles(root);
  const dates = sha256(files.map(({ path, size, mtimeMs }) => `${path}\0${size}\0${mtimeMs}`).join('\n'));
  return {
    dates,
    get contents() {
      return sha256(files.map(({ path }) => `${path}\0${sha256(readFileSync(join(root, path)))}`).join('\n'));
    },
  };
}

/** Whether dist was built, to the end, from the sources as they are now. */
export function isBuilt(root) {
  const stamp = readOrNothing(join(root, BUILD_STAMP));
  if (stamp === undefined) return false;
  const built = JSON.parse(stamp);
  const state = sourceState(root);
  if (built.dates === state.dates) return true;
  if (built.contents !== state.contents) return false;
  markBuilt(root, state);
  return true;
}

/** Remembers that dist was built from `state`, which was taken before the build began. */
export function markBuilt(root, state) {
  writeIfAllowed(join(root, BUILD_STAMP), JSON.stringify({ dates: state.dates, contents: state.contents }));
}

/** Forgets the last build, so that one that fails or is killed half-way is not taken for good. */
export function markUnbuilt(root) {
  rmSync(join(root, BUILD_STAMP), { force: true });
}

function sourceFiles(root) {
  const settings = readdirSync(root).filter((name) => BUILD_SETTINGS.test(name));
  const sources = SOURCE_FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    filesUnder(root, folder),
  );
  return [...settings, ...sources].sort().flatMap((path) => {
    // A file may go between the listing and here, while somebody works in the tree.
    const found = statSync(join(root, path), { throwIfNoEntry: false });
    return found === undefined ? [] : [{ path, size: found.size, mtimeMs: found.mtimeMs }];
  });
}

function filesUnder(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_BUILT.test(entry.name)) return [];
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesUnder(root, path) : [path];
  });
}

/** A stamp only saves time: where the tree is read-only, everything is compared again at the next start. */
function writeIfAllowed(path, text) {
  try {
    writeFileSync(path, text);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
  }
}
