// `npm run generate`: writes openapi.json and docs/reference anew from the built code, in the format of the house.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from './lib/child.mjs';
import { GENERATED } from './lib/generated.mjs';
import { prepare, ROOT } from './lib/prepare.mjs';

await prepare();
const generator = 'dist/apps/cli/src/generate.js';
const prettier = 'node_modules/prettier/bin/prettier.cjs';
const inRoot = { cwd: ROOT };
let exitCode = await runNode([generator], inRoot);
if (exitCode === 0) {
  const written = GENERATED.filter((path) => existsSync(join(ROOT, path)));
  exitCode = await runNode([prettier, '--write', '--log-level', 'warn', ...written], inRoot);
}
process.exitCode = exitCode;
