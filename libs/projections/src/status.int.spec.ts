import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NewEvent } from '#libs/contracts';
import { type EventBatch, MemoryEventLog, type Position, type ReadAllOptions } from '#libs/event-log';
import { LAG_EVENTS_MAX } from './projection-status.js';
import { EngineHarness, used } from './testing/engine-harness.js';
import { sampleProjections } from './testing/sample-projections.js';

jest.setTimeout(60_000);

const use = (): NewEvent => used('tok_1', { cost: '1', payer: 'org_1', resource: null });

describe('the status of projections', () => {
  let harness: EngineHarness;
  beforeAll(async () => {
    harness = await EngineHarness.open();
  });
  beforeEach(() => harness.reset());
  afterAll(() => harness.close());

  it('tells how many events each is behind, and the age of the first of them', async () => {
    await harness.append(use(), use());
    const engine = harness.engine();
    await engine.catchUp();
    const none = { position: '2', lagEvents: 0, lagSeconds: 0, deadLetters: 0 };
    expect(await engine.status()).toEqual(sampleProjections.map(({ name }) => ({ name, ...none })));

    harness.clock.advance(60_000);
    await harness.append(use());
    harness.clock.advance(90_500);
    await harness.append(use(), use());
    expect((await engine.status())[0]).toEqual({ ...none, name: 'tokens', lagEvents: 3, lagSeconds: 90.5 });
  });

  it('is known before anything has run, and counts a lag no further than its limit', async () => {
    const log = new ManyEventsLog(harness.log, LAG_EVENTS_MAX * 3);
    await harness.append(use());
    const engine = harness.engine({ log });
    expect((await engine.status())[0]).toMatchObject({ name: 'tokens', position: '0', lagEvents: LAG_EVENTS_MAX });
    expect(log.delivered).toBe(LAG_EVENTS_MAX);
  });
});

describe('waiting for a position', () => {
  let harness: EngineHarness;
  beforeAll(async () => {
    harness = await EngineHarness.open();
  });
  beforeEach(() => harness.reset());
  afterAll(() => harness.close());

  it('is over at once when the engine is there already, without a look at the database', async () => {
    const engine = harness.engine();
    await engine.start();
    const position = await harness.append(use());
    expect(await engine.waitFor(position, 20_000)).toBe(true);
    await engine.stop();
    await harness.pool.query('DROP TABLE read_model.projection_checkpoints');
    expect(await engine.waitFor(position, 0)).toBe(true);
  });

  it('is over with the commit that reaches it: whoever waited then reads what the event changed', async () => {
    const engine = harness.engine();
    await engine.start();
    for (let n = 1; n <= 20; n += 1) {
      expect(await engine.waitFor(await harness.append(use()), 20_000)).toBe(true);
      expect(await harness.value('SELECT uses FROM read_model.tokens')).toBe(n);
    }
  });

  it('is in vain for a position that no engine reaches in time', async () => {
    const position = await harness.append(use());
    const idle = harness.engine();
    expect(await idle.waitFor(position, 60)).toBe(false);
    const running = harness.engine();
    await running.start();
    expect(await running.waitFor((position + 1n) as Position, 60)).toBe(false);
  });

  it('works where the engine runs in another process, for many at once', async () => {
    const elsewhere = harness.engine();
    const here = harness.engine();
    const position = await harness.append(use(), use());
    const waits = Array.from({ length: 50 }, () => here.waitFor(position, 20_000));
    await elsewhere.start();
    expect(new Set(await Promise.all(waits))).toEqual(new Set([true]));
    const later = here.waitFor((position + 1n) as Position, 20_000);
    await harness.append(use());
    expect(await later).toBe(true);
  });

  it('goes on waiting while the database is away for a moment', async () => {
    const here = harness.engine();
    const position = await harness.append(use());
    await harness.pool.query('ALTER TABLE read_model.projection_checkpoints RENAME TO away');
    const waiting = here.waitFor(position, 20_000);
    while (!harness.reports.some((report) => report.kind === 'retrying' && report.activity === 'waitFor')) {
      await harness.pool.query('SELECT 1');
    }
    await harness.pool.query('ALTER TABLE read_model.away RENAME TO projection_checkpoints');
    await harness.engine().catchUp();
    expect(await waiting).toBe(true);
  });
});

/** A log that repeats its one event under many positions. */
class ManyEventsLog extends MemoryEventLog {
  delivered = 0;

  constructor(
    private readonly inner: MemoryEventLog,
    private readonly count: number,
  ) {
    super({ now: () => 0 });
  }

  override async readAll({ after, limit }: ReadAllOptions): Promise<EventBatch> {
    const [event] = (await this.inner.readAll({ after: 0n as Position, limit: 1 })).events;
    const to = Math.min(this.count, Number(after) + Math.min(limit, 4000));
    const events = Array.from({ length: to - Number(after) }, (_, n) => ({
      ...event!,
      position: (after + BigInt(n + 1)) as Position,
    }));
    this.delivered += events.length;
    return { events, next: BigInt(to) as Position };
  }

  override async heads() {
    return { all: BigInt(this.count) as Position, security: 0n as Position };
  }
}
