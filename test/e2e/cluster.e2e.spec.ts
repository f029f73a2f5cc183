import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canRun, REDIS } from '#libs/kernel/testing';
import { CLUSTER_FAULTS, type ClusterFault, TAKEN_OVER_WITHIN_MS } from '../cluster/faults.js';
import { EVENT_STORE_URL } from './support/event-store.js';
import { runCluster } from '../cluster/run-cluster.js';

/** `npm run test:cluster` makes these too; here they would only take time (test/e2e/roles.e2e.spec.ts pauses one). */
const LEFT_TO_THE_LONG_RUN: readonly ClusterFault[] = [
  'killApi',
  'killWorker',
  'killProjector',
  'killStandby',
  'pauseProjector',
  'restartPostgres',
  'partitionApi',
  'killLeader',
  'stopLeader',
];
const hasRedis = canRun(REDIS, 'killRedis');
const KINDS = CLUSTER_FAULTS.filter(
  (kind) => !LEFT_TO_THE_LONG_RUN.includes(kind) && (kind !== 'killRedis' || hasRedis),
);

describe('two api, two workers and two projectors under load while each of them, Redis and PostgreSQL are killed', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-cluster-history-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('lose nothing, record nothing twice, do each job once, and have read models that follow within 10 s', async () => {
    const said: string[] = [];
    const historyPath = join(folder, 'history.ndjson');
    const result = await runCluster({
      rounds: 1,
      kinds: KINDS,
      seed: 20_261_129,
      betweenMs: 300,
      load: { users: 4, bookers: 1, revokers: 1, paceMs: 30 },
      eventStoreUrl: EVENT_STORE_URL === '' ? null : EVENT_STORE_URL,
      historyPath,
      say: (line) => said.push(line),
    });
    const { violations } = result;
    expect({ violations, said: violations.length === 0 ? [] : said }).toEqual({ violations: [], said: [] });
    expect([...result.made]).toEqual(KINDS.map((kind) => [kind, 1]));
    expect(result.takeOvers).toHaveLength(1);
    expect(Math.max(...result.takeOvers)).toBeLessThan(TAKEN_OVER_WITHIN_MS);
    expect(result.acknowledged).toBeGreaterThan(300);
    expect(result.ended).toBeGreaterThan(3);
    expect(await readFile(historyPath, 'utf8')).not.toMatch(/\btl[a-z]_[0-9A-Za-z]{16}_/);
  }, 240_000);
});
