// `npm run test:eventstore -- --url esdb://host:2113?tls=false`: everything that can be tested on a real EventStoreDB. The
// contract of the event log, the acceptance suite of the product with its log on that server, and the failover exercise
// where the nodes are started by this command (`--node`, one for each host of the URL) so that it can take them down.
// What comes after a second `--` goes to Jest instead. Closes with one line: "N passed, N failed, N skipped".
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from './lib/prepare.mjs';
import { runJest } from './lib/run-jest.mjs';
import { ServerNodes } from './lib/server-nodes.mjs';
import { closingLines, sumOf } from './lib/tally.mjs';

const USAGE =
  "usage: npm run test:eventstore -- --url esdb://host:2113?tls=false [--node 'command' …] [-- arguments of Jest]";
const SERVER = 'libs/event-log/src/eventstore/eventstore-server\\.spec';
/** Chaos breaks the PostgreSQL that holds the log: it has nothing to do here. */
const ACCEPTANCE = 'test/e2e/(?!chaos)';
const LEFT_OUT =
  'Left out with the log in EventStoreDB: test/e2e/chaos, because it breaks the PostgreSQL that holds the log; npm run test:cluster does it.';

const { url, node, rest } = readArguments();
await prepare({ onFailure: () => process.stdout.write(`${closingLines(undefined, 1).at(-1)}\n`) });
const folder = mkdtempSync(join(tmpdir(), 'token-ledger-tally-'));
const nodes = node.length > 0 ? await ServerNodes.start(node, url) : null;
try {
  const failover = nodes === null ? {} : { TEST_SERVER_NODES: nodes.url };
  const runs = rest.length > 0 ? [await run(rest, failover)] : [await run([SERVER, ACCEPTANCE])];
  // By itself: nothing else goes well while nodes are taken down.
  if (rest.length === 0 && nodes !== null) runs.push(await run([SERVER], failover));
  if (rest.length === 0) process.stdout.write(`${LEFT_OUT}\n`);
  if (nodes === null)
    process.stdout.write('Failover: skipped, because no nodes are started by this command (--node).\n');
  const { counts, exitCode } = sumOf(runs);
  if (counts !== undefined && nodes === null) counts.skipped += 1;
  for (const line of closingLines(counts, exitCode)) process.stdout.write(`${line}\n`);
  process.exitCode = exitCode;
} finally {
  await nodes?.close();
  rmSync(folder, { recursive: true, force: true });
}

async function run(args, added = {}) {
  const file = join(mkdtempSync(join(folder, 'run-')), 'tally.json');
  const env = { TOKEN_LEDGER_TALLY: file, EVENTSTORE_TEST_URL: url, EVENTSTORE_E2E_URL: url, ...added };
  const exitCode = await runJest(args, env);
  return { exitCode, counts: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined };
}

function readArguments() {
  try {
    const options = { url: { type: 'string' }, node: { type: 'string', multiple: true, default: [] } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (!/^esdb(\+discover)?:\/\//.test(values.url ?? '')) throw new Error('--url must begin with esdb://');
    return { url: values.url, node: values.node, rest: positionals };
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}
