import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NewEvent } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import type { Projection } from './projection.js';
import { charged, EngineHarness, revoked, used } from './testing/engine-harness.js';
import { foldInMemory } from './testing/index.js';
import { balances, entries, sampleProjections, tokens, usageHours } from './testing/sample-projections.js';

jest.setTimeout(60_000);

const use = (uid: string, cost = '1'): NewEvent => used(uid, { cost, payer: 'org_1', resource: null });

/** The tokens projection with a handler that cannot take uses of this operation. */
function failingOn(operation: string): Projection {
  const { evolve } = tokens;
  return {
    ...tokens,
    evolve(row, event, key) {
      if ((event as RecordedEvent<'TokenUsed'>).data.operation === operation)
        throw new Error(`cannot take ${operation}`);
      return evolve(row, event, key);
    },
  };
}

describe('an event that cannot be folded', () => {
  let harness: EngineHarness;
  beforeAll(async () => {
    harness = await EngineHarness.open();
  });
  beforeEach(() => harness.reset());
  afterAll(() => harness.close());

  const letters = async () => {
    const sql = `SELECT projection, partition_key, position::int, error FROM read_model.dead_letters ORDER BY 1, 3`;
    return (await harness.pool.query(sql)).rows;
  };
  const deadLetters = async (name: string, engine = harness.engine()) =>
    (await engine.status()).find((status) => status.name === name)?.deadLetters;

  it('quarantines its key with all that follows, in that projection alone', async () => {
    await harness.append(
      use('tok_1'),
      used('tok_2', { operation: 'bad' }),
      use('tok_1'),
      use('tok_2'),
      revoked('tok_2'),
    );
    const projections = [entries, usageHours, failingOn('bad')];
    await harness.engine({ projections, batchSize: 2 }).catchUp();
    expect(await letters()).toEqual([
      { projection: 'tokens', partition_key: 'tok_2', position: 2, error: 'Error: cannot take bad' },
      {
        projection: 'tokens',
        partition_key: 'tok_2',
        position: 4,
        error: 'follows an event of its key that was not folded',
      },
      {
        projection: 'tokens',
        partition_key: 'tok_2',
        position: 5,
        error: 'follows an event of its key that was not folded',
      },
    ]);
    expect([...(await harness.table(tokens)).keys()]).toEqual(['tok_1']);
    const events = await harness.events();
    expect(await harness.tables([entries, usageHours])).toEqual(foldInMemory([entries, usageHours], events));
    expect(harness.reports).toContainEqual({
      kind: 'quarantined',
      projection: 'tokens',
      partitionKey: 'tok_2',
      position: '2',
      eventType: 'TokenUsed',
      error: 'Error: cannot take bad',
    });
  });

  it('stays in quarantine after a restart, and with an engine that ran beside', async () => {
    const projections = [failingOn('bad')];
    const beside = harness.engine({ projections });
    await harness.append(use('tok_1'));
    await beside.catchUp();
    await harness.append(used('tok_1', { operation: 'bad' }));
    await harness.engine({ projections }).catchUp();
    await harness.append(use('tok_1'));
    await beside.catchUp();
    await harness.append(use('tok_1'));
    await harness.engine({ projections }).catchUp();
    expect((await letters()).map(({ position }) => position)).toEqual([2, 3, 4]);
    expect((await harness.table(tokens)).get('tok_1')).toMatchObject({ uses: 1 });
  });

  it('is found among thousands when PostgreSQL refuses its row, in a document', async () => {
    const good = Array.from({ length: 700 }, (_, n) => use(`tok_${n % 50}`));
    await harness.append(...good.slice(0, 333), use('tok_7', '1000000'), ...good.slice(333));
    await harness.engine().catchUp();
    const found = await letters();
    expect(found[0]).toMatchObject({ projection: 'tokens', partition_key: 'tok_7', position: 334 });
    expect(found[0].error).toMatch(/^23514 /);
    expect(found.slice(1).every(({ partition_key: key }) => key === 'tok_7')).toBe(true);
    const sound = (await harness.events()).filter((event) => tokens.partitionOf(event) !== 'tok_7');
    const expected = foldInMemory([tokens], sound).get('tokens')!;
    const table = new Map(await harness.table(tokens));
    expect(table.get('tok_7')).toMatchObject({ uses: 7 });
    table.delete('tok_7');
    expect(table).toEqual(expected);
  });

  it('does not bring back a document that went earlier in the same batch', async () => {
    const engine = harness.engine();
    await harness.append(use('tok_1'), use('tok_1'));
    await engine.catchUp();
    await harness.append(revoked('tok_1'), use('tok_2', '1000000'), use('tok_1'), use('tok_3'));
    await engine.catchUp();
    expect((await letters()).map(({ partition_key: key }) => key)).toEqual(['tok_2']);
    const sound = (await harness.events()).filter((event) => tokens.partitionOf(event) !== 'tok_2');
    expect(await harness.table(tokens)).toEqual(foldInMemory([tokens], sound).get('tokens'));
  });

  it('is found when PostgreSQL refuses its row, among rows and in several projections of one batch', async () => {
    const nul = used('tok_2', { userAgent: 'curl/8\u0000', resource: 'a\u0000b' });
    await harness.append(use('tok_1'), nul, charged('org_1'), use('tok_2'), charged('org_1'));
    await harness.engine().catchUp();
    const found = await letters();
    expect(found.map(({ projection, partition_key: key, position }) => [projection, key, position])).toEqual([
      ['entries', 'usage-a-1', 2],
      ['entries', 'usage-a-1', 4],
      ['tokens', 'tok_2', 2],
      ['tokens', 'tok_2', 4],
    ]);
    expect((await harness.table(entries)).size).toBe(3);
    expect(await harness.table(balances)).toEqual(foldInMemory([balances], await harness.events()).get('balances'));
  });

  it('has a key by its stream when the projection cannot tell the key, whatever characters that holds', async () => {
    const partitionOf = (): string => {
      throw new Error('no key');
    };
    const projections = [{ ...failingOn('bad'), partitionOf } as Projection];
    await harness.append(used('tok_1', { operation: 'bad' }));
    await harness.engine({ projections }).catchUp();
    expect(await letters()).toMatchObject([{ partition_key: 'usage-a-1', position: 1 }]);

    const odd = { ...failingOn('bad'), partitionOf: () => 'a\u0000\ud800' } as Projection;
    await harness.append(used('tok_1', { operation: 'bad' }));
    await harness.engine({ projections: [odd] }).catchUp();
    expect((await letters())[1]).toMatchObject({ partition_key: 'a\u2400\ufffd', position: 2 });
  });

  it('passes over a row that stands there already, when a projection of rows repeats a key', async () => {
    const repeating: Projection = {
      kind: 'rows',
      name: 'balances',
      table: { name: 'balances', columns: { account_uid: 'text', charged: 'numeric' }, key: ['account_uid'] },
      handles: ['OrgCharged'],
      partitionOf: (event) => event.stream,
      rows: (event) => {
        const { accountUid, amount } = (event as RecordedEvent<'OrgCharged'>).data;
        return [{ account_uid: accountUid, charged: amount }];
      },
    };
    await harness.append(charged('org_1', '1'), charged('org_1', '2'), charged('org_2', '3'), charged('org_1', '4'));
    await harness.engine({ projections: [repeating], batchSize: 3 }).catchUp();
    expect(await letters()).toEqual([]);
    expect(await harness.table(balances)).toEqual(foldInMemory([repeating], await harness.events()).get('balances'));
  });

  it('is folded in order once the handler is mended, while others go on', async () => {
    const bad = used('tok_2', { operation: 'bad', payer: 'org_1', resource: null });
    await harness.append(use('tok_1'), bad, use('tok_2'), used('tok_3', { operation: 'worse' }), use('tok_3'));
    await harness.engine({ projections: [failingOn('bad')] }).catchUp();
    const stillFailing = harness.engine({ projections: [failingOn('worse')] });
    const live = harness.engine({ projections: [tokens] });
    await live.start();
    await live.waitFor(await harness.append(use('tok_1'), bad, use('tok_2')), 20_000);
    expect(await deadLetters('tokens', live)).toBe(4);

    expect(await stillFailing.retryDeadLetters('tokens')).toEqual({ folded: 4, expired: 0, remaining: 0 });
    await live.waitFor(await harness.append(use('tok_2')), 20_000);
    expect(await deadLetters('tokens', live)).toBe(0);
    expect(await harness.table(tokens)).toEqual(foldInMemory([tokens], await harness.events()).get('tokens'));
  });

  it('stays a dead letter, with its key, when it still cannot be folded', async () => {
    await harness.append(used('tok_1', { operation: 'bad' }), used('tok_2', { operation: 'bad' }), use('tok_1'));
    const projections = [failingOn('bad')];
    await harness.engine({ projections }).catchUp();
    const retried = await harness.engine({ projections }).retryDeadLetters('tokens');
    expect(retried).toEqual({ folded: 0, expired: 0, remaining: 3 });
    expect((await letters()).map(({ position }) => position)).toEqual([1, 2, 3]);
    await expect(harness.engine({ projections }).retryDeadLetters('nothing')).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('is given up by a retry when its time of retention in the log is over', async () => {
    await harness.append(used('tok_1', { operation: 'bad' }));
    harness.clock.advance(1000);
    await harness.append(revoked('tok_1'));
    await harness.engine({ projections: [failingOn('bad')] }).catchUp();
    await harness.log.dropUsageBefore(new Date(harness.clock.now()).toISOString());
    const retried = await harness.engine({ projections: sampleProjections }).retryDeadLetters('tokens');
    expect(retried).toEqual({ folded: 1, expired: 1, remaining: 0 });
  });

  it('is folded by a rebuild with the mended handler, which takes its dead letters away', async () => {
    await harness.append(use('tok_1'), used('tok_2', { operation: 'bad' }), use('tok_2'));
    await harness.engine({ projections: [failingOn('bad')] }).catchUp();
    await harness.engine({ projections: [failingOn('bad')] }).rebuild();
    expect((await letters()).map(({ projection, position }) => [projection, position])).toEqual([
      ['tokens', 2],
      ['tokens', 3],
    ]);
    await harness.engine({ projections: [tokens] }).rebuild();
    expect(await letters()).toEqual([]);
    expect(await harness.table(tokens)).toEqual(foldInMemory([tokens], await harness.events()).get('tokens'));
  });
});
