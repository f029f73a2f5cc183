// `npm run test:eventstore -- --url esdb://host:2113?tls=false`: everything that can be tested on a real EventStoreDB. The
// contract of the event log, the failover exercise where the processes of the nodes are named (`--pids 1,2,3`: each in turn
// is stopped for five seconds and continued), and the acceptance suite of the product with its log on that server. What
// comes after a second `--` goes to Jest instead. Closes with one line: "N passed, N failed, N skipped".
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepare } from './lib/prepare.mjs';
import { runJest } from './lib/run-jest.mjs';
import { closingLines } from './lib/tally.mjs';

const USAGE =
  'usage: npm run test:eventstore -- --url esdb://host:2113?tls=false [--pids 1,2,3] [-- arguments of Jest]';
const CONTRACT = 'libs/event-log/src/eventstore/eventstore-server\\.spec';
/** Chaos breaks the PostgreSQL that holds the log: it has nothing to do here. */
const ACCEPTANCE = 'test/e2e/(?!chaos)';

const { url, pids, rest } = readArguments();
await prepare({ onFailure: () => process.stdout.write(`${closingLines(undefined, 1).at(-1)}\n`) });
const folder = mkdtempSync(join(tmpdir(), 'token-ledger-tally-'));
try {
  const file = join(folder, 'tally.json');
  const env = {
    TOKEN_LEDGER_TALLY: file,
    EVENTSTORE_TEST_URL: url,
    EVENTSTORE_E2E_URL: url,
    EVENTSTORE_NODE_PIDS: pids,
  };
  if (pids === '') process.stdout.write('Failover: skipped, because no processes of nodes are named (--pids).\n');
  const exitCode = await runJest(rest.length > 0 ? rest : [CONTRACT, ACCEPTANCE], env);
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (counts !== undefined && pids === '') counts.skipped += 1;
  for (const line of closingLines(counts, exitCode)) process.stdout.write(`${line}\n`);
  process.exitCode = exitCode;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function readArguments() {
  try {
    const options = { url: { type: 'string' }, pids: { type: 'string', default: '' } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (!/^esdb(\+discover)?:\/\//.test(values.url ?? '')) throw new Error('--url must begin with esdb://');
    if (!/^(\d+(,\d+)*)?$/.test(values.pids)) throw new Error('--pids are numbers with commas between them');
    return { url: values.url, pids: values.pids, rest: positionals };
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}
