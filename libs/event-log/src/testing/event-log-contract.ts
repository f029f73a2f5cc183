import { describe } from '@jest/globals';
import { closingContract } from './closing-contract.js';
import { concurrencyContract } from './concurrency-contract.js';
import { expectationsContract } from './expectations-contract.js';
import type { OpenLog } from './log-under-test.js';
import { modelContract } from './model-contract.js';
import { readingContract } from './reading-contract.js';
import { retentionContract } from './retention-contract.js';
import { retriesContract } from './retries-contract.js';
import { securityContract } from './security-contract.js';
import { sharedFlushContract } from './shared-flush-contract.js';

/** What every adapter of EventLog guarantees. Run it whole: an adapter that needs an exception is not one. */
export function eventLogContract(name: string, open: OpenLog): void {
  describe(`${name}: the contract of an event log`, () => {
    expectationsContract(open);
    sharedFlushContract(open);
    securityContract(open);
    retriesContract(open);
    readingContract(open);
    concurrencyContract(open);
    retentionContract(open);
    closingContract(open);
    modelContract(open);
  });
}
