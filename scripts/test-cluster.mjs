// `npm run test:cluster -- [options]`: two processes of each role on one database, each killed in turn under load
// (test/cluster). Test code is not part of the build, so it is made JavaScript as it is loaded.
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, ROOT } from './lib/prepare.mjs';

await prepare();
register('./lib/typescript-hooks.mjs', import.meta.url);
process.argv = [process.argv[0], join(ROOT, 'test/cluster/main.ts'), ...process.argv.slice(2)];
await import(pathToFileURL(process.argv[1]).href);
