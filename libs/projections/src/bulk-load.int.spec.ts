import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Projection } from './projection.js';
import type { RebuildProgress } from './rebuild.js';
import { EngineHarness, some, use, used } from './testing/engine-harness.js';
import { foldInMemory } from './testing/index.js';
import { sampleProjections, tokens } from './testing/sample-projections.js';

jest.setTimeout(60_000);

describe('a rebuild that writes documents when all else stands', () => {
  let harness: EngineHarness;
  beforeAll(async () => {
    harness = await EngineHarness.open();
  });
  beforeEach(() => harness.reset());
  afterAll(() => harness.close());

  const expectedTables = async () => foldInMemory(sampleProjections, await harness.events());

  it('quarantines as the live engine does what the table refuses of a document', async () => {
    const broken = used('tok_2', { cost: '1', payer: 'org_1', resource: 'a\u0000b' });
    await harness.append(...some(30), used('tok_4', { cost: '1000000', resource: null }), broken, ...some(30));
    await harness.engine().catchUp();
    const letters = `SELECT string_agg(projection || partition_key || position, ',' ORDER BY position, projection)
      FROM read_model.dead_letters`;
    const quarantined = await harness.value(letters);
    expect(quarantined).toContain('tokenstok_431,entriesusage-a-132,tokenstok_232');
    const before = await harness.digests();
    await harness.engine().rebuild();
    expect(await harness.value(letters)).toBe(quarantined);
    expect(await harness.digests()).toEqual(before);
  });

  it('quarantines what a handler cannot fold, and knows it when it goes on beside the live engine', async () => {
    const { evolve } = tokens;
    const failing: Projection = {
      ...tokens,
      evolve(row, event, key) {
        if (key[0] === 'tok_3' && event.position > 5n) throw new Error('cannot take it');
        return evolve(row, event, key);
      },
    };
    await harness.append(...some(40));
    const live = harness.engine({ projections: [failing] });
    await live.catchUp();
    const before = await harness.digests([tokens]);
    const letters = `SELECT string_agg(partition_key || position, ',' ORDER BY position) FROM read_model.dead_letters`;
    const quarantined = await harness.value(letters);
    await harness.engine({ projections: [failing], batchSize: 2 }).rebuild();
    expect(await harness.value(letters)).toBe(quarantined);
    expect(await harness.digests([tokens])).toEqual(before);
    await harness.append(use(3));
    await live.catchUp();
    expect(await harness.value(letters)).toBe(`${String(quarantined)},tok_341`);
  });

  it('keeps no more documents in memory than it may, and folds on from the table', async () => {
    await harness.append(...some(150));
    await harness.engine({ cachedDocuments: 1, batchSize: 2 }).rebuild();
    expect(await harness.tables()).toEqual(await expectedTables());
    await harness.append(...some(20));
    await harness.engine().catchUp();
    expect(await harness.tables()).toEqual(await expectedTables());
  });

  it('shows how far it has come, documents that are not written yet included', async () => {
    await harness.append(...some(60));
    const seen: Promise<(string | undefined)[]>[] = [];
    const onProgress = ({ events }: RebuildProgress): void => {
      if (events !== 16) return;
      const status = harness.engine().status();
      seen.push(status.then((all) => all.map(({ rebuilding }) => rebuilding?.position)));
    };
    await harness.engine({ batchSize: 4 }).rebuild(undefined, { onProgress });
    const [positions = []] = await Promise.all(seen);
    expect(new Set(positions).size).toBe(1);
    expect(Number(positions[0])).toBeGreaterThanOrEqual(16);
  });
});
