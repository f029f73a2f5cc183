import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { LedgerProcess } from './support/ledger-process.js';
import { postmasterOf } from './support/processes.js';

/** The server starts its PostgreSQL again so often before it gives it up. */
const RESTARTS = 5;
const ENDED_WITHIN_MS = 6_000;

describe('a server whose own PostgreSQL is killed while it starts again', () => {
  it('starts it once more, and serves', async () => {
    const ledger = await LedgerProcess.start();
    try {
      const first = (await postmasterOf(ledger.dataDir))!.pid;
      process.kill(first, 'SIGKILL');
      process.kill(await startingAfter(first, ledger.dataDir), 'SIGKILL');
      await ledger.printed(/"restarts":2\b/);
      await eventually(20_000, async () => ((await ledger.client().get('/v1/me')).status === 200 ? true : null));
      expect(await ledger.end()).toBe(0);
    } finally {
      await ledger.dispose();
    }
  }, 60_000);
});

/** Process id of the next postmaster, told as soon as it has written it down: long before it takes connections. */
async function startingAfter(former: number, dataDir: string): Promise<number> {
  const until = performance.now() + 20_000;
  while (performance.now() < until) {
    const found = await postmasterOf(dataDir);
    if (found !== null && found.pid > 0 && found.pid !== former) return found.pid;
  }
  throw new Error('no other postmaster was started');
}

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
