import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './project-files.js';

export interface Cruise {
  /** One line per violation, `rule: from → to`, sorted; `to` equals `from` where a rule is about a file alone. */
  violations: string[];
  /** The names of all rules that were applied. */
  rules: string[];
  /** How many files and packages were seen. */
  moduleCount: number;
}

interface CruiseJson {
  summary: {
    totalCruised: number;
    violations: { from: string; to: string; rule: { name: string } }[];
    ruleSetUsed: { forbidden: { name: string }[] };
  };
}

/** Applies `.dependency-cruiser.cjs` to the tree under `root`, which need not be this checkout. */
export function cruise(root: string): Cruise {
  const folders = ['apps', 'libs', 'test', 'benchmarks'].filter((folder) => existsSync(join(root, folder)));
  const run = spawnSync(
    process.execPath,
    [
      join(PROJECT_ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', join(PROJECT_ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'],
      ...folders,
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (!run.stdout.startsWith('{')) throw new Error(`the cruise did not run: ${run.stderr || run.stdout}`);
  const { summary } = JSON.parse(run.stdout) as CruiseJson;
  return {
    violations: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort(),
    rules: summary.ruleSetUsed.forbidden.map((rule) => rule.name),
    moduleCount: summary.totalCruised,
  };
}
