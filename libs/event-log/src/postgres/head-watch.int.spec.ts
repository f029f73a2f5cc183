import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { appendOf, newStream } from '../testing/log-under-test.js';
import { createLogDatabase, type LogDatabase } from '../testing/postgres-log.js';

jest.setTimeout(60_000);

/** Longer than the spec may take: what ends such a wait is not the time. */
const LONG_MS = 600_000;

describe('the watch of the head of a log in PostgreSQL', () => {
  let database: LogDatabase;
  beforeAll(async () => {
    database = await createLogDatabase();
  });
  afterAll(() => database.close());

  async function listeners(): Promise<number> {
    const { rowCount } = await database.admin.query(
      `select from pg_stat_activity where datname = current_database() and query = 'listen ledger_appends'`,
    );
    return rowCount ?? 0;
  }

  it('listens while somebody waits, gives its connection back when nobody does, and hears again later', async () => {
    const [reader, writer] = [await database.open(), await database.open()];
    const append = () => writer.append({ streams: [appendOf(newStream('usage'), 'next')] });
    for (let round = 0; round < 2; round += 1) {
      const { all } = await reader.heads();
      const heard = reader.waitForEvents(all, LONG_MS);
      while ((await listeners()) === 0);
      const { position } = await append();
      await heard;
      expect((await reader.heads()).all).toBe(position);
      while ((await listeners()) > 0);
    }
  });

  it('does not miss what is stored between two waits', async () => {
    const [reader, writer] = [await database.open(), await database.open()];
    const { all } = await reader.heads();
    const heard = reader.waitForEvents(all, LONG_MS);
    await writer.append({ streams: [appendOf(newStream('usage'), 'next')] });
    await heard;
    const { all: then } = await reader.heads();
    await writer.append({ streams: [appendOf(newStream('usage'), 'next')] });
    await reader.waitForEvents(then, LONG_MS);
  });
});
