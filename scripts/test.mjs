// `npm test`: installs and builds what is missing, runs Jest with every argument passed on, and closes with one line:
// "N passed, N failed, N skipped".
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from './lib/prepare.mjs';
import { runJest } from './lib/run-jest.mjs';
import { closingLines } from './lib/tally.mjs';

// Tests that could not be run have not passed: the closing line says so here too.
await prepare({ onFailure: () => process.stdout.write(`${closingLines(undefined, 1).at(-1)}\n`) });
const folder = mkdtempSync(join(tmpdir(), 'token-ledger-tally-'));
try {
  const file = join(folder, 'tally.json');
  const exitCode = await runJest(process.argv.slice(2), { TOKEN_LEDGER_TALLY: file });
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  for (const line of closingLines(counts, exitCode)) process.stdout.write(`${line}\n`);
  process.exitCode = exitCode;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
