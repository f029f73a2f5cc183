import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { NewEvent } from '#libs/contracts';
import { installEventLogSchema, PostgresEventLog, type RecordedEvent, START } from '#libs/event-log';
import { charged, EngineHarness, used } from './testing/engine-harness.js';
import { foldInMemory } from './testing/index.js';
import { sampleProjections } from './testing/sample-projections.js';

jest.setTimeout(60_000);

const WRITERS = 4;
const USES = 150;

describe('over the log in PostgreSQL, in the same database', () => {
  let harness: EngineHarness;
  let logs: PostgresEventLog[];
  beforeAll(async () => {
    harness = await EngineHarness.open();
    const { pool, clock, connectionString } = harness;
    await installEventLogSchema(pool);
    logs = await Promise.all([1, 2].map(() => PostgresEventLog.open({ connectionString, clock })));
  });
  afterAll(async () => {
    await Promise.all(logs.map((log) => log.close()));
    await harness.close();
  });

  it('E1: writers, a live engine and a rebuild by another process leave what the events say', async () => {
    const [log, elsewhere] = logs as [PostgresEventLog, PostgresEventLog];
    const live = harness.engine({ log, batchSize: 50 });
    await live.start();
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; n < USES; n += 1) {
        const token = `tok_${writer}_${n % 5}`;
        const events: [string, NewEvent][] = [
          [`usage-a-${writer}`, used(token, { cost: String(n), payer: 'org_1', resource: null })],
          [`account-org_${writer}`, charged(`org_${writer}`, String(n))],
        ];
        const streams = events.map(([stream, event]) => ({ stream, expected: 'next' as const, events: [event] }));
        const { position } = await log.append({ streams });
        if (n % 10 === 0) expect(await live.waitFor(position, 20_000)).toBe(true);
      }
    };
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, n) => write(n)));
    for (let n = 0; n < 3; n += 1) await harness.engine({ log: elsewhere, batchSize: 25 }).rebuild();
    await writing;

    expect(await live.waitFor((await log.heads()).all, 20_000)).toBe(true);
    const events: RecordedEvent[] = [...(await log.readAll({ after: START, limit: 10_000 })).events];
    expect(events).toHaveLength(WRITERS * USES * 2);
    expect(await harness.tables()).toEqual(foldInMemory(sampleProjections, events));
    expect((await live.status()).map(({ lagEvents }) => lagEvents)).toEqual(sampleProjections.map(() => 0));
  });
});
