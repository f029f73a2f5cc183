import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { LedgerProcess } from './support/ledger-process.js';
import { postmasterOf } from './support/processes.js';

/** The server starts its PostgreSQL again so often before it gives it up. */
const RESTARTS = 5;
const ENDED_WITHIN_MS = 6_000;

describe('a server whose own PostgreSQL cannot stay up', () => {
  it('gives it up and ends soon, with exit code 1', async () => {
    const ledger = await LedgerProcess.start();
    try {
      const ended = once(ledger.child, 'exit');
      for (let kills = 1; kills <= RESTARTS + 1; kills += 1) {
        // Another than the one before, and ready: what is starting is no loss yet.
        await eventually(20_000, async () =>
          (await ledger.client(null).get('/health/ready')).status === 200 ? true : null,
        );
        process.kill((await postmasterOf(ledger.dataDir))!.pid, 'SIGKILL');
        await ledger.printed(new RegExp(`"restarts":${kills}\\b`));
      }
      const began = performance.now();
      const [code] = await ended;
      expect(code).toBe(1);
      expect(performance.now() - began).toBeLessThan(ENDED_WITHIN_MS);
      expect(ledger.output).toContain('without PostgreSQL nothing can be confirmed');
    } finally {
      await ledger.dispose();
    }
  }, 120_000);
});
