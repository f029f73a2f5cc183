import { writeFileSync } from 'node:fs';
import { tally } from './tally.mjs';

/**
 * A Jest reporter that leaves the counts of the run in the file TOKEN_LEDGER_TALLY names, for scripts/test.mjs to print
 * after Jest has gone: whatever Jest still says on its way out then stands above the closing line, not below.
 */
export default class ClosingLineReporter {
  constructor(globalConfig) {
    this.namePattern = globalConfig.testNamePattern;
  }

  onRunComplete(_contexts, results) {
    const file = process.env.TOKEN_LEDGER_TALLY;
    if (file) writeFileSync(file, JSON.stringify(tally(results, this.namePattern)));
  }
}
