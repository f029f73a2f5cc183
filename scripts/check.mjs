// `npm run check`: everything but the tests. `npm run check -- lint types` runs the steps named.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './lib/child.mjs';
import { differences, generatedFiles } from './lib/generated.mjs';
import { prepare, ROOT } from './lib/prepare.mjs';

const node = (...args) => runNode(args, { cwd: ROOT });

const STEPS = {
  format: () => node('node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'),
  lint: () => node('node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.'),
  types: () => node('node_modules/typescript/bin/tsc', '--noEmit', '--project', 'tsconfig.json'),
  boundaries: () => {
    const folders = ['apps', 'libs', 'test', 'benchmarks'].filter((folder) => existsSync(join(ROOT, folder)));
    return node('node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--output-type', 'err-long', ...folders);
  },
  generated,
};

/**
 * Generates and compares with what was there before, not with the last commit: a change that is still being made is
 * not an error, a generated file that the sources have outrun is. In a fresh clone the two questions are the same.
 */
async function generated() {
  const before = generatedFiles(ROOT);
  const exitCode = await node('scripts/generate.mjs');
  const outdated = differences(before, generatedFiles(ROOT));
  if (outdated.length > 0) process.stderr.write(`generated anew, commit them: ${outdated.join(', ')}\n`);
  return outdated.length > 0 ? 1 : exitCode;
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in STEPS));
if (unknown.length > 0) {
  process.stderr.write(`no such step: ${unknown.join(', ')}; there are: ${Object.keys(STEPS).join(', ')}\n`);
  process.exit(2);
}

await prepare({ build: 'never' });
const failed = [];
for (const name of names.length > 0 ? names : Object.keys(STEPS)) {
  const started = performance.now();
  const exitCode = await STEPS[name]();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`check ${name}: ${exitCode === 0 ? 'passed' : 'FAILED'} in ${seconds} s\n`);
  if (exitCode !== 0) failed.push(name);
  if (exitCode > 128) break;
}
process.stdout.write(failed.length > 0 ? `check: FAILED: ${failed.join(', ')}\n` : 'check: passed\n');
process.exitCode = failed.length > 0 ? 1 : 0;
