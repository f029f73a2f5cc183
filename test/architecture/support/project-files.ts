import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout, without a trailing slash. */
export const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/**
 * The files that belong to the project: committed, or new and not ignored. A file that git still lists but that is
 * gone from disk is left out, so that a move under way is no error.
 */
export function projectFiles(): string[] {
  const arguments_ = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const run = spawnSync('git', arguments_, { cwd: PROJECT_ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (run.status !== 0) throw new Error(`git ls-files failed: ${run.stderr}`);
  const listed = run.stdout.split('\0').filter((path) => path !== '' && existsSync(join(PROJECT_ROOT, path)));
  return [...new Set(listed)].sort();
}
