import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventLogContract } from '../testing/event-log-contract.js';
import { appendOf, idsOf, newEvents, newStream } from '../testing/log-under-test.js';
import { createLogDatabase, type LogDatabase } from '../testing/postgres-log.js';

jest.setTimeout(120_000);

eventLogContract('PostgresEventLog', async (clock) => {
  const database = await createLogDatabase(clock);
  const reopen = () => database.open();
  return { log: await reopen(), reopen, close: () => database.close() };
});

describe('PostgresEventLog', () => {
  let database: LogDatabase;
  beforeEach(async () => {
    database = await createLogDatabase();
  });
  afterEach(() => database.close());

  it('keeps positions and revisions beyond 2^53 exact', async () => {
    const far = 2n ** 53n + 1n;
    await database.admin.query(`
      insert into ledger.flushes (position, security_position, size, writer, number)
      values (${far}, ${far}, 1, '11111111-1111-4111-8111-111111111111', 1);
      insert into ledger.appends (last_position, last_revision, count, recorded_at, category, stream, events)
      values (${far}, ${far}, 1, now(), 'account', 'account-far', '{}')`);
    const log = await database.open();
    const append = appendOf('account-far', far, 3);
    const result = await log.append({ streams: [append] });
    expect(result).toMatchObject({ position: far + 3n, revisions: [far + 3n] });
    expect(await log.heads()).toEqual({ all: far + 3n, security: far });
    const read = await log.readStream('account-far', { from: far + 2n });
    expect(read.map(({ revision, position }) => [revision, position])).toEqual([
      [far + 2n, far + 2n],
      [far + 3n, far + 3n],
    ]);
    expect(await log.append({ streams: [append] })).toEqual({ ...result, duplicate: true });
  });

  it('fails to read an event that is not one, without taking the log for one that is away, and reads on', async () => {
    const log = await database.open();
    const [sound, broken] = [newStream(), newStream()];
    const { position } = await log.append({ streams: [appendOf(sound, 'noStream')] });
    await log.append({ streams: [appendOf(broken, 'noStream', 3)] });
    await database.admin.query(`update ledger.appends set events = '{]' where stream = '${broken}'`);
    await expect(log.readAll({ after: position, limit: 10 })).rejects.toThrow(SyntaxError);
    await expect(log.readStream(broken)).rejects.toThrow(SyntaxError);
    expect(await log.readStream(sound)).toHaveLength(1);
  });

  it('flushes a request that is larger than a flush may be alone, and those beside it too', async () => {
    const log = await database.open();
    const [small, large] = [newStream('account'), newStream('account')];
    const events = newEvents(60, 'large '.repeat(20_000));
    const results = await Promise.all([
      log.append({ streams: [appendOf(small, 'noStream')] }),
      log.append({ streams: [{ stream: large, expected: 'noStream', events }] }),
      log.append({ streams: [appendOf(small, 0n)] }),
    ]);
    expect(results.map(({ revisions }) => revisions[0])).toEqual([0n, 59n, 1n]);
    expect(idsOf(await log.readStream(large))).toEqual(idsOf(events));
    const { rows } = await database.admin.query('select from ledger.flushes where size > 0');
    expect(rows).toHaveLength(3);
  });
});
