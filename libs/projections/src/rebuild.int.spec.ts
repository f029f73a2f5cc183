import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type EventBatch, MemoryEventLog, type ReadAllOptions } from '#libs/event-log';
import type { Projection } from './projection.js';
import type { RebuildProgress } from './rebuild.js';
import { charged, EngineHarness, some, use, used } from './testing/engine-harness.js';
import { foldInMemory } from './testing/index.js';
import { sampleProjections, tokens } from './testing/sample-projections.js';

jest.setTimeout(60_000);

describe('a rebuild', () => {
  let harness: EngineHarness;
  beforeAll(async () => {
    harness = await EngineHarness.open();
  });
  beforeEach(() => harness.reset());
  afterAll(() => harness.close());

  const expectedTables = async () => foldInMemory(sampleProjections, await harness.events());
  const leftOvers = () =>
    harness.value(`
      SELECT (SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_\\_rebuild')
        + (SELECT count(*) FROM read_model.projection_checkpoints WHERE name LIKE '%\\_\\_rebuild')`);
  const catalogue = async () => {
    const { rows } = await harness.pool.query(`
      SELECT c.relname, i.indexrelid::regclass::text AS index, pg_get_indexdef(i.indexrelid) AS definition, con.conname,
        con.contype, c.reloptions, c.relacl::text
      FROM pg_class c LEFT JOIN pg_index i ON i.indrelid = c.oid
        LEFT JOIN pg_constraint con ON con.conrelid = c.oid AND con.conindid = coalesce(i.indexrelid, 0)
      WHERE c.relnamespace = 'read_model'::regnamespace AND c.relkind = 'r' ORDER BY 1, 2`);
    const constraints = await harness.pool.query(`
      SELECT conrelid::regclass::text, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'read_model'::regnamespace ORDER BY 1, 2`);
    const columns = await harness.pool.query(`
      SELECT table_name, column_name, ordinal_position, is_nullable, data_type, column_default
      FROM information_schema.columns WHERE table_schema = 'read_model' ORDER BY 1, 3`);
    return { indexes: rows, constraints: constraints.rows, columns: columns.rows };
  };

  it('leaves every index, constraint, option and privilege exactly as it was, under the same name', async () => {
    await harness.pool.query('GRANT SELECT ON read_model.tokens TO PUBLIC');
    const before = await catalogue();
    expect(before.indexes.length).toBeGreaterThan(8);
    await harness.append(...some(50));
    await harness.engine().rebuild();
    await harness.engine().rebuild();
    expect(await catalogue()).toEqual(before);
    expect(await leftOvers()).toBe('0');
  });

  it('brings tables to the end of the log also when no engine has ever run', async () => {
    await harness.append(...some(120));
    const result = await harness.engine({ batchSize: 8 }).rebuild();
    expect(result).toMatchObject({ projections: sampleProjections.map(({ name }) => name), events: 120 });
    expect(await harness.tables()).toEqual(await expectedTables());
    await harness.append(...some(10));
    await harness.engine().catchUp();
    expect(await harness.tables()).toEqual(await expectedTables());
  });

  it('runs in another process while events come in, and the live engine goes on from the new tables', async () => {
    const live = harness.engine({ batchSize: 5 });
    await live.start();
    await harness.append(...some(300));
    const phases = new Set<string>();
    let writing = true;
    const writes = (async () => {
      for (let n = 0; writing; n += 1) await live.waitFor(await harness.append(use(n), charged('org_1')), 20_000);
    })();
    const onProgress = ({ phase }: RebuildProgress): unknown => phases.add(phase);
    for (let n = 0; n < 3; n += 1) await harness.engine({ batchSize: 4 }).rebuild(undefined, { onProgress });
    writing = false;
    await writes;
    await live.waitFor(await harness.append(...some(9)), 20_000);
    expect([...phases]).toEqual(['filling', 'indexing', 'switching']);
    expect(await harness.tables()).toEqual(await expectedTables());
  });

  it('is noticed by a live engine that has applied everything: it forgets the documents of the old table', async () => {
    const live = harness.engine();
    await live.start();
    await live.waitFor(await harness.append(use(1), use(1)), 20_000);
    const doubling: Projection = {
      ...tokens,
      evolve: (row, event, key) => tokens.evolve(tokens.evolve(row, event, key), event, key),
    };
    await harness.engine({ projections: [doubling] }).rebuild();
    await live.waitFor(await harness.append(use(1)), 20_000);
    expect(await harness.value('SELECT uses FROM read_model.tokens')).toBe(5);
  });

  it('of one projection leaves the others alone', async () => {
    await harness.append(...some(40));
    await harness.engine().catchUp();
    await harness.pool.query('DELETE FROM read_model.tokens; UPDATE read_model.usage_hours SET uses = 77');
    await harness.engine().rebuild(['tokens']);
    expect(await harness.table(tokens)).toEqual((await expectedTables()).get('tokens'));
    expect(await harness.value('SELECT min(uses)::text FROM read_model.usage_hours')).toBe('77');
    await expect(harness.engine().rebuild(['tokens', 'nothing'])).rejects.toMatchObject({ code: 'not_found' });
  });

  it('refuses a second one while it is under way, which changes nothing of the first', async () => {
    await harness.append(...some(30));
    let second: Promise<unknown> | undefined;
    const onProgress = (): void => {
      second ??= harness
        .engine()
        .rebuild()
        .catch((error: unknown) => error);
    };
    await harness.engine().rebuild(undefined, { onProgress });
    expect(await second).toMatchObject({ code: 'conflict' });
    expect(await harness.tables()).toEqual(await expectedTables());
    await harness.engine().rebuild();
  });

  it('that is called off or fails leaves nothing behind, and the live tables as they were', async () => {
    await harness.append(...some(60));
    const live = harness.engine();
    await live.catchUp();
    const before = await harness.digests();
    const calledOff = new AbortController();
    const onProgress = (): void => calledOff.abort();
    await expect(harness.engine().rebuild(undefined, { onProgress, signal: calledOff.signal })).rejects.toThrow(
      'abort',
    );
    const log = new FailingLog(harness.log);
    await expect(harness.engine({ log, batchSize: 4 }).rebuild()).rejects.toThrow('the log is broken');
    expect(await leftOvers()).toBe('0');
    expect(await harness.digests()).toEqual(before);
  });

  it('that was killed in the middle is cleared away by the next start, not by one while it runs', async () => {
    await harness.append(...some(60));
    await harness.engine().catchUp();
    await harness.pool.query(`
      CREATE TABLE read_model.tokens__rebuild (LIKE read_model.tokens);
      INSERT INTO read_model.projection_checkpoints VALUES ('tokens__rebuild', 17, 0, now())`);
    const rebuilding = await harness.pool.connect();
    await rebuilding.query('SELECT pg_advisory_lock(18001, 1)');
    const meanwhile = harness.engine();
    await meanwhile.start();
    expect(await leftOvers()).toBe('2');
    expect((await meanwhile.status())[0]).toMatchObject({ name: 'tokens', rebuilding: { position: '17' } });

    await rebuilding.query('SELECT pg_advisory_unlock(18001, 1)');
    rebuilding.release();
    await meanwhile.stop();
    const next = harness.engine();
    await next.start();
    expect(await leftOvers()).toBe('0');
    expect((await next.status())[0]).not.toHaveProperty('rebuilding');
    expect(await harness.tables()).toEqual(await expectedTables());
  });

  it('survives the loss of its connections, but not of the one that keeps others out', async () => {
    await harness.append(...some(200));
    const locks = `EXISTS (SELECT FROM pg_locks WHERE pid = activity.pid AND locktype = 'advisory')`;
    let kills: Promise<void>[] = [];
    const lossy = ({ phase, events }: RebuildProgress): void => {
      // The last of them while the documents are written and the keys are made.
      if (kills.length < 5 || (phase === 'filling' && events === 200)) kills.push(harness.kill(`NOT ${locks}`));
    };
    await harness.engine({ batchSize: 4 }).rebuild(undefined, { onProgress: lossy });
    await Promise.all(kills);
    expect(kills.length).toBeGreaterThan(5);
    expect(await harness.tables()).toEqual(await expectedTables());

    kills = [];
    const fatal = (): void => {
      if (kills.length === 0) kills.push(harness.kill(locks));
    };
    await expect(harness.engine({ batchSize: 1 }).rebuild(undefined, { onProgress: fatal })).rejects.toThrow(
      'lost the connection',
    );
    await Promise.all(kills);
  });

  it('waits for a long reader of the old table, and the live engine goes on meanwhile', async () => {
    await harness.append(...some(30));
    const live = harness.engine();
    await live.start();
    await live.waitFor((await harness.log.heads()).all, 20_000);
    const reader = await harness.pool.connect();
    await reader.query('BEGIN; SELECT count(*) FROM read_model.tokens');
    const rebuilt = harness.engine().rebuild();
    while (!harness.reports.some((report) => report.kind === 'retrying' && report.activity === 'rebuild')) {
      expect(await live.waitFor(await harness.append(use(1)), 20_000)).toBe(true);
    }
    await reader.query('COMMIT');
    reader.release();
    await rebuilt;
    await live.waitFor(await harness.append(use(2)), 20_000);
    expect(await harness.tables()).toEqual(await expectedTables());
  });

  it('quarantines as the live engine does what only an index refuses', async () => {
    await harness.pool.query('CREATE INDEX "IDX_entries_data" ON read_model.entries ((data ->> $$userAgent$$))');
    const incompressible = Array.from({ length: 4000 }, (_, n) =>
      String.fromCharCode(0x4e00 + ((n * 7919) % 20_000)),
    ).join('');
    await harness.append(use(1), used('tok_1', { userAgent: incompressible }), charged('org_1'), use(2));
    await harness.engine().catchUp();
    const letters = 'SELECT string_agg(projection || position, $$,$$ ORDER BY position) FROM read_model.dead_letters';
    expect(await harness.value(letters)).toBe('entries2,entries4');
    const before = await harness.digests();
    await harness.engine().rebuild();
    expect(await harness.value(letters)).toBe('entries2,entries4');
    expect(await harness.digests()).toEqual(before);
  });

  it('gives up when the table was altered meanwhile, and refuses one that it could not copy whole', async () => {
    await harness.append(...some(20));
    let altered: Promise<unknown> | undefined;
    const onProgress = (): void => {
      altered ??= harness.pool.query('ALTER TABLE read_model.tokens ADD COLUMN more text');
    };
    await expect(harness.engine({ batchSize: 1 }).rebuild(undefined, { onProgress })).rejects.toThrow(
      'altered during its rebuild',
    );
    await altered;
    await harness.pool.query('CREATE TABLE read_model.notes (token_uid text REFERENCES read_model.tokens)');
    await expect(harness.engine().rebuild()).rejects.toThrow('foreign key');
    expect(await leftOvers()).toBe('0');
  });
});

/** A log that breaks for good after the first events. */
class FailingLog extends MemoryEventLog {
  constructor(private readonly inner: MemoryEventLog) {
    super({ now: () => 0 });
  }

  override async readAll(options: ReadAllOptions): Promise<EventBatch> {
    if (options.after > 0n) throw new TypeError('the log is broken');
    return this.inner.readAll(options);
  }
}
