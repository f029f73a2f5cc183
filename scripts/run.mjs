// Runs a built program in this process: `node scripts/run.mjs dist/apps/cli/src/main.js rebuild`.
import { become, prepare } from './lib/prepare.mjs';

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node scripts/run.mjs <built file> [arguments]\n');
  process.exit(2);
}
await prepare();
await become(file, args);
