import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FAULT_KINDS, type FaultKind } from '../chaos/faults/schedule.js';
import { runChaos } from '../chaos/run-chaos.js';

/** What `npm run chaos` also makes takes too long for every run, or is tried by specs of its own. */
const LEFT_TO_THE_LONG_RUN: readonly FaultKind[] = ['stopServer', 'thirdServer', 'pausePostgres', 'slowDatabase'];
const KINDS = FAULT_KINDS.filter((kind) => !LEFT_TO_THE_LONG_RUN.includes(kind));

describe('two servers under load while everything around them fails', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-history-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('lose nothing, record nothing twice, overspend nothing, accept no revoked token, and show what the log says', async () => {
    const said: string[] = [];
    const historyPath = join(folder, 'history.ndjson');
    const result = await runChaos({
      faults: KINDS.length,
      seed: 20_261_125,
      withinMs: 60_000,
      only: KINDS,
      revocations: 50,
      betweenMs: 100,
      diskMegabytes: 700,
      load: { users: 6, bookers: 2, revokers: 2, paceMs: 20 },
      historyPath,
      say: (line) => said.push(line),
    });
    // A skip is told of, never silent: the environment, and not the ledger, is the reason.
    if (result.skipped !== null) console.warn(`SKIPPED ${result.skipped}`);
    const { violations } = result;
    expect({ violations, said: violations.length === 0 ? [] : said }).toEqual({ violations: [], said: [] });
    for (const kind of KINDS) {
      const made = result.faults.get(kind);
      expect({ kind, made }).toEqual({ kind, made: kind === 'fillDisk' && result.skipped !== null ? 0 : 1 });
    }
    expect(result.acknowledged).toBeGreaterThan(1_000);
    expect(result.revocations).toBeGreaterThanOrEqual(50);
    expect(await readFile(historyPath, 'utf8')).not.toMatch(/\btl[a-z]_[0-9A-Za-z]{16}_/);
  }, 240_000);
});
