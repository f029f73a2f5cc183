import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NewEvent } from '#libs/contracts';
import { type EventBatch, MemoryEventLog, type ReadAllOptions, START } from '#libs/event-log';
import fc from 'fast-check';
import { charged, EngineHarness, revoked, used } from './testing/engine-harness.js';
import { foldInMemory } from './testing/index.js';
import { sampleProjections } from './testing/sample-projections.js';

jest.setTimeout(60_000);

const token = fc.integer({ min: 1, max: 4 }).map((n) => `tok_${n}`);
const anyEvent: fc.Arbitrary<NewEvent> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(token, fc.nat(9), fc.nat(3)).map(([uid, cost, n]) => use(uid, cost, n)) },
  { weight: 2, arbitrary: fc.tuple(fc.nat(3), fc.nat(9)).map(([n, amount]) => charged(`org_${n}`, String(amount))) },
  { weight: 1, arbitrary: token.map(revoked) },
);
const use = (uid: string, cost: number, n: number): NewEvent =>
  used(uid, { cost: String(cost), payer: `org_${n}`, resource: n === 0 ? null : `deployment:${n}` });

describe('ProjectionEngine', () => {
  let harness: EngineHarness;
  beforeAll(async () => {
    harness = await EngineHarness.open();
  });
  beforeEach(() => harness.reset());
  afterAll(() => harness.close());

  it('E1: gives the same tables for any split into batches, any restart in between, and a rebuild', async () => {
    const batches = fc.array(
      fc.record({ events: fc.array(anyEvent, { maxLength: 20 }), size: fc.integer({ min: 1, max: 7 }) }),
      {
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(batches, fc.integer({ min: 0, max: 5 }), async (parts, cachedDocuments) => {
        await harness.reset();
        for (const { events, size } of parts) {
          await harness.append(...events);
          harness.clock.advance(17 * 60_000);
          await harness.engine({ batchSize: size, cachedDocuments }).catchUp();
        }
        const expected = foldInMemory(sampleProjections, await harness.events());
        expect(await harness.tables()).toEqual(expected);

        const before = await harness.digests();
        await harness.engine({ batchSize: 2, cachedDocuments }).rebuild();
        expect(await harness.digests()).toEqual(before);
        expect(await harness.tables()).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  it('applies nothing twice when the log delivers events again', async () => {
    await harness.append(...Array.from({ length: 30 }, (_, n) => use(`tok_${n % 3}`, n, 1)));
    const stutter = new StutteringLog(harness.log);
    await harness.engine({ log: stutter, batchSize: 4 }).catchUp();
    expect(stutter.repeated).toBeGreaterThan(0);
    expect(await harness.tables()).toEqual(foldInMemory(sampleProjections, await harness.events()));
  });

  it('applies nothing twice when two engines work on one database at once', async () => {
    const engines = [harness.engine({ batchSize: 3 }), harness.engine({ batchSize: 5 })];
    await Promise.all(engines.map((engine) => engine.start()));
    for (let n = 0; n < 60; n += 1) await harness.append(use(`tok_${n % 4}`, n, n % 3), charged(`org_${n % 2}`));
    const { all } = await harness.log.heads();
    expect(await Promise.all(engines.map((engine) => engine.waitFor(all, 20_000)))).toEqual([true, true]);
    expect(await harness.tables()).toEqual(foldInMemory(sampleProjections, await harness.events()));
  });

  it('lets events gather after a batch that went up to the head of the log, until somebody waits for them', async () => {
    for (let n = 0; n < 60; n += 1) await harness.append(use(`tok_${n % 4}`, n, 1));
    const engine = harness.engine({ batchSize: 100, gatherMs: 50_000 });
    await engine.start();
    expect(await engine.waitFor((await harness.log.heads()).all, 20_000)).toBe(true);
    for (let n = 0; n < 10; n += 1) {
      await harness.append(use('tok_1', n, 1));
      await setImmediate();
    }
    expect(await engine.waitFor((await harness.log.heads()).all, 20_000)).toBe(true);
    const batches = harness.reports.flatMap((report) => (report.kind === 'applied' ? [report.events] : []));
    expect(batches).toEqual([60, 10]);
  });

  it('goes on where it was when its connections are killed again and again', async () => {
    const engine = harness.engine({ batchSize: 2 });
    await engine.start();
    for (let n = 0; n < 40; n += 1) {
      await harness.append(use(`tok_${n % 3}`, n, n % 2), charged(`org_${n % 2}`));
      await harness.kill();
    }
    expect(await engine.waitFor((await harness.log.heads()).all, 40_000)).toBe(true);
    expect(harness.reports.some(({ kind }) => kind === 'retrying')).toBe(true);
    expect(await harness.tables()).toEqual(foldInMemory(sampleProjections, await harness.events()));
  });

  it('starts from the first event with empty tables when checkpoints and nothing else are lost', async () => {
    await harness.append(use('tok_1', 1, 1), charged('org_1'));
    await harness.engine().catchUp();
    await harness.pool.query('DELETE FROM read_model.projection_checkpoints');
    await harness.engine().catchUp();
    expect(await harness.tables()).toEqual(foldInMemory(sampleProjections, await harness.events()));
  });

  it('reads again from a checkpoint that was set back while it runs', async () => {
    const engine = harness.engine();
    await engine.start();
    await engine.waitFor(await harness.append(use('tok_1', 1, 1), charged('org_1')), 20_000);
    const tables = sampleProjections.map(({ table }) => `read_model.${table.name}`).join(', ');
    await harness.pool.query(`BEGIN; TRUNCATE ${tables}; DELETE FROM read_model.projection_checkpoints; COMMIT`);
    expect(await engine.waitFor(await harness.append(charged('org_2')), 20_000)).toBe(true);
    expect(await harness.tables()).toEqual(foldInMemory(sampleProjections, await harness.events()));
  });

  it('fills a new projection beside the others, which do not fall back meanwhile', async () => {
    const [newcomer, ...others] = sampleProjections;
    await harness.append(use('tok_1', 1, 1), charged('org_1'));
    await harness.engine({ projections: others }).catchUp();
    const engine = harness.engine();
    await engine.start();
    const position = await harness.append(use('tok_1', 2, 1));
    expect(await engine.waitFor(position, 20_000)).toBe(true);
    await untilStatus(engine, (statuses) => statuses.every(({ lagEvents }) => lagEvents === 0));
    expect(await harness.table(newcomer!)).toEqual(
      foldInMemory(sampleProjections, await harness.events()).get('tokens'),
    );
    expect(await harness.value('SELECT min(position)::text FROM read_model.projection_checkpoints')).toBe(
      String(position),
    );
  });
});

async function untilStatus(
  engine: { status(): Promise<{ lagEvents: number }[]> },
  holds: (statuses: { lagEvents: number }[]) => boolean,
): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds(await engine.status())) if (performance.now() > deadline) throw new Error('the status never came');
}

/** Delivers, before what was asked for, the last events once more. */
class StutteringLog extends MemoryEventLog {
  repeated = 0;

  constructor(private readonly inner: MemoryEventLog) {
    super({ now: () => 0 });
  }

  override async readAll(options: ReadAllOptions): Promise<EventBatch> {
    const { events, next } = await this.inner.readAll(options);
    const all = (await this.inner.readAll({ after: START, limit: 1_000_000 })).events;
    const again = all.filter(({ position }) => position <= options.after).slice(-3);
    this.repeated += again.length;
    return { events: [...again, ...events, ...events.slice(-1)], next };
  }

  override heads() {
    return this.inner.heads();
  }
}
