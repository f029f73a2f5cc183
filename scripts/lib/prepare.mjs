// Makes a fresh clone ready to run: the right Node, the packages of the lock file, a build of the sources on disk.
// Uses nothing but Node, because it runs before anything is installed; costs some milliseconds when all is in place.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PreparationError } from './preparation-error.mjs';
import { isBuilt, isInstalled, markBuilt, markInstalled, markUnbuilt, sourceState } from './stamp.mjs';

/** The folder of the checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const NODE_MIN = [20, 19];

/**
 * Installs and builds what is missing or out of date; ends the process with a sentence when that fails. With
 * `build: 'always'` it builds whether or not the sources have changed, with `'never'` it only installs.
 * `onFailure` is called before the process ends.
 */
export async function prepare({ build = 'when stale', onFailure = () => {} } = {}) {
  try {
    requireNode(process.versions.node);
    await ensureInstalled();
    if (build === 'always') markUnbuilt(ROOT);
    if (build !== 'never') await ensureBuilt();
  } catch (error) {
    if (!(error instanceof PreparationError)) throw error;
    process.stderr.write(`token-ledger: ${error.message}\n`);
    onFailure();
    process.exit(error.exitCode);
  }
}

/** Throws a PreparationError when `version` is older than what the packages run on. */
export function requireNode(version) {
  const [major, minor] = version.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  throw new PreparationError(`Token Ledger needs Node ${NODE_MIN.join('.')} or newer, and this is Node ${version}.`);
}

/** Runs `npm ci` unless node_modules already holds what the lock file names. */
export async function ensureInstalled(root = ROOT, install = npmCi) {
  if (isInstalled(root)) return;
  await underLock(root, async () => {
    if (isInstalled(root)) return;
    await install(root);
    markInstalled(root);
  });
}

/** Runs the build unless dist was made from the sources as they are; a failed build leaves dist marked as not built. */
export async function ensureBuilt(root = ROOT, build = nestBuild) {
  if (isBuilt(root)) return;
  await underLock(root, async () => {
    if (isBuilt(root)) return;
    // Taken before the build reads the sources: what is changed meanwhile is built the next time.
    const state = sourceState(root);
    const taken = { dates: state.dates, contents: state.contents };
    markUnbuilt(root);
    await build(root);
    markBuilt(root, taken);
  });
}

async function npmCi(root) {
  const { runQuietly } = await import('./child.mjs');
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  // The build needs the development packages too, also where NODE_ENV says production.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  await runQuietly('installing packages (npm ci)', [...npm, ...args], { cwd: root });
}

async function nestBuild(root) {
  const { runQuietly } = await import('./child.mjs');
  const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
  await runQuietly('building (nest build)', [process.execPath, nest, 'build'], { cwd: root });
}

async function underLock(root, work) {
  const { withTreeLock } = await import('./tree-lock.mjs');
  await withTreeLock(root, work, () => {
    process.stderr.write('token-ledger: another launch is preparing this checkout; waiting for it …\n');
  });
}

/** Hands the process over to a built program, as if it had been started with these arguments. */
export async function become(file, args) {
  const path = join(ROOT, file);
  if (!existsSync(path)) {
    process.stderr.write(`token-ledger: there is no ${file} in this build\n`);
    process.exit(1);
  }
  process.argv = [process.argv[0], path, ...args];
  await import(pathToFileURL(path).href);
}
