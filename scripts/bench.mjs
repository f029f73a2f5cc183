// `npm run bench -- <name> [arguments]`: runs benchmarks/<name>.ts as it was built.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { become, prepare, ROOT } from './lib/prepare.mjs';

const folder = join(ROOT, 'benchmarks');
const files = existsSync(folder) ? readdirSync(folder) : [];
const names = files.filter((file) => /^[^.]+\.ts$/.test(file)).map((file) => file.replace(/\.ts$/, ''));
const [name, ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  const reason = name === undefined ? 'usage: npm run bench -- <name> [arguments]' : `there is no benchmark "${name}"`;
  process.stderr.write(`${reason}\nbenchmarks: ${names.join(', ')}\n`);
  process.exit(2);
}
await prepare();
await become(`dist/benchmarks/${name}.js`, args);
