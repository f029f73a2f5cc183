// `npm run test:cluster -- [options]`: two processes of each role on one database, each killed in turn under load
// (test/cluster). With `--event-store esdb://…` the log is there; with `--node 'command'` besides, once for each host of
// it, its nodes are started by this command and their leader is taken down too.
// Test code is not part of the build, so it is made JavaScript as it is loaded.
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { prepare, ROOT } from './lib/prepare.mjs';
import { ServerNodes } from './lib/server-nodes.mjs';

const options = { node: { type: 'string', multiple: true, default: [] }, 'event-store': { type: 'string' } };
const { values, tokens } = parseArgs({ options, strict: false, allowPositionals: true, tokens: true });
const nodes = values.node.length > 0 ? await startNodes() : null;
await prepare();
register('./lib/typescript-hooks.mjs', import.meta.url);
process.argv = [process.argv[0], join(ROOT, 'test/cluster/main.ts'), ...withoutNodes()];
await import(pathToFileURL(process.argv[1]).href);
await nodes?.close();

async function startNodes() {
  const started = await ServerNodes.start(values.node, values['event-store'] ?? '');
  // Also when the test is stopped by a signal; what is synchronous of it ends the nodes.
  process.once('exit', () => void started.close());
  process.env.TEST_SERVER_NODES = started.url;
  return started;
}

function withoutNodes() {
  const own = new Set(
    tokens
      .filter(({ name }) => name === 'node')
      .flatMap(({ index, inlineValue }) => [index, inlineValue ? index : index + 1]),
  );
  return process.argv.slice(2).filter((_argument, index) => !own.has(index));
}
