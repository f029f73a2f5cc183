import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { outliveBreaks } from '#libs/postgres';
import pg from 'pg';
import type { ProjectionEngine } from './projection-engine.js';
import { LeaseLost, ProjectorLease, sessionNameOf } from './projector-lease.js';
import { Transaction } from './transaction.js';
import { charged, EngineHarness, used } from './testing/engine-harness.js';
import { foldInMemory } from './testing/index.js';
import { sampleProjections } from './testing/sample-projections.js';

jest.setTimeout(60_000);

const LONG_MS = 60_000;
const LAPSE = "UPDATE read_model.projector_lease SET expires_at = '-infinity'";
/** As if a projector elsewhere had taken over, and was never heard of again. */
const SNATCH =
  "UPDATE read_model.projector_lease SET epoch = epoch + 1, holder = 'elsewhere', expires_at = '-infinity'";
const HOLDER = 'SELECT holder FROM read_model.projector_lease WHERE expires_at > clock_timestamp()';

describe('ProjectorLease', () => {
  let harness: EngineHarness;
  const pools: pg.Pool[] = [];
  beforeAll(async () => {
    harness = await EngineHarness.open();
  });
  beforeEach(() => harness.reset());
  afterAll(async () => {
    await harness.close();
    await Promise.all(pools.map((pool) => pool.end()));
  });

  /** Connections as a projector of this name has them. */
  function poolOf(holder: string): pg.Pool {
    const { connectionString } = harness;
    const application_name = sessionNameOf(holder);
    const pool = new pg.Pool({ connectionString, max: 5, application_name, onConnect: outliveBreaks });
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  }

  function projector(holder: string, leaseMs = 1_000): ProjectionEngine {
    return harness.engine({ pool: poolOf(holder), standby: { holder, leaseMs }, batchSize: 3, gatherMs: 5 });
  }

  const acquire = (holder: string) =>
    ProjectorLease.tryAcquire(harness.pool, holder, LONG_MS) as Promise<ProjectorLease>;

  it('is had by one at a time, in turns that are numbered, until it is given back or lapses', async () => {
    const first = await acquire('a');
    expect(await ProjectorLease.tryAcquire(harness.pool, 'b', LONG_MS)).toBeNull();
    expect(await first.renew()).toBe(true);
    await first.release();
    const second = await acquire('b');
    expect(BigInt(second.epoch)).toBe(BigInt(first.epoch) + 1n);
    await harness.pool.query(LAPSE);
    expect(BigInt((await acquire('a')).epoch)).toBe(BigInt(first.epoch) + 2n);
  });

  it('is had by one of many that want it at once', async () => {
    const pool = poolOf('many');
    for (let round = 0; round < 10; round += 1) {
      await harness.pool.query(LAPSE);
      const names = ['a', 'b', 'c', 'd'];
      const got = await Promise.all(names.map((name) => ProjectorLease.tryAcquire(pool, name, LONG_MS)));
      expect(got.filter((lease) => lease !== null)).toHaveLength(1);
    }
  });

  it('lets nobody apply, renew or give back whose turn was taken over, also one that wakes up in the middle of it', async () => {
    const late = await acquire('a');
    await harness.pool.query(LAPSE);
    await acquire('b');
    const transaction = await Transaction.begin(harness.pool);
    await expect(late.fence(transaction)).rejects.toThrow(LeaseLost);
    await transaction.rollback();
    expect(await late.renew()).toBe(false);
    await late.release();
    expect(await harness.value(HOLDER)).toBe('b');
  });

  it('is taken over after a batch that is fenced, or not at all', async () => {
    const lease = await acquire('a');
    const transaction = await Transaction.begin(harness.pool);
    await lease.fence(transaction);
    await harness.pool.query(LAPSE);
    // The connection of the batch is not named after its holder, so nobody ends it.
    await expect(ProjectorLease.tryAcquire(harness.pool, 'b', LONG_MS)).rejects.toThrow(/lock timeout/);
    await transaction.commit();
    expect(await acquire('b')).not.toBeNull();
  });

  it('is renewed while a batch that it fences is under way', async () => {
    const lease = await acquire('a');
    const transaction = await Transaction.begin(harness.pool);
    await lease.fence(transaction);
    expect(await lease.renew()).toBe(true);
    await transaction.commit();
  });

  it('ends what a holder has left open that stands still, whose locks nobody could pass', async () => {
    const stopped = poolOf('a');
    const lease = (await ProjectorLease.tryAcquire(stopped, 'a', LONG_MS)) as ProjectorLease;
    const transaction = await Transaction.begin(stopped);
    await lease.fence(transaction);
    await harness.pool.query(LAPSE);
    expect(await ProjectorLease.tryAcquire(harness.pool, 'b', LONG_MS)).not.toBeNull();
    await expect(transaction.query('SELECT 1::text')).rejects.toThrow();
    await transaction.rollback();
  });

  it('two projectors: one follows and the other stands by, and takes over at once from one that stops', async () => {
    const engines = [projector('one', LONG_MS / 10), projector('two', LONG_MS / 10)];
    await Promise.all(engines.map((engine) => engine.start()));
    const position = await harness.append(used('tok_1'), charged('org_1'));
    expect(await Promise.all(engines.map((engine) => engine.waitFor(position, 20_000)))).toEqual([true, true]);
    const [active, standby] = [...engines].sort((a, b) => Number(b.isFollowing) - Number(a.isFollowing));
    expect([active!.isFollowing, standby!.isFollowing]).toEqual([true, false]);
    expect([active!.turn !== null, standby!.turn]).toEqual([true, null]);
    await active!.stop();
    expect(await standby!.waitFor(await harness.append(charged('org_1')), 20_000)).toBe(true);
    expect(standby!.isFollowing).toBe(true);
  });

  it('applies nothing twice and nothing not at all while projectors lose their turns and connections again and again', async () => {
    const engines = ['one', 'two', 'three'].map((holder) => projector(holder, 300));
    await Promise.all(engines.map((engine) => engine.start()));
    const turns = (): number => harness.reports.filter(({ kind }) => kind === 'turnBegan').length;
    for (let round = 0; round < 8; round += 1) {
      for (let n = 0; n < 12; n += 1) {
        await harness.append(used(`tok_${n % 3}`, { cost: String(n) }), charged(`org_${n % 2}`, String(n)));
      }
      const before = turns();
      await harness.pool.query(SNATCH);
      if (round % 3 === 2) await harness.kill("application_name LIKE '%projector%'");
      await eventually(() => turns() > before);
    }
    const { all } = await harness.log.heads();
    expect(await Promise.all(engines.map((engine) => engine.waitFor(all, 40_000)))).toEqual([true, true, true]);
    expect(await harness.tables()).toEqual(foldInMemory(sampleProjections, await harness.events()));
    expect(turns()).toBeGreaterThanOrEqual(8);
    expect(harness.reports.some((report) => report.kind === 'turnEnded' && report.isLost)).toBe(true);
    expect(engines.filter(({ isFollowing }) => isFollowing).length).toBeLessThanOrEqual(1);
  });
});

async function eventually(holds: () => boolean): Promise<void> {
  const until = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > until) throw new Error('it never came');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
