import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { LogUnavailable, RevisionConflict } from '../event-log.js';
import { FaultProxy } from '../testing/fault-proxy.js';
import { appendOf, idsOf, newStream, readToEnd } from '../testing/log-under-test.js';
import { expectStoredAtMostOnce, Load } from '../testing/load.js';
import { createLogDatabase, type LogDatabase } from '../testing/postgres-log.js';
import type { PostgresEventLog, PostgresEventLogOptions } from './postgres-event-log.js';

jest.setTimeout(120_000);

const PATIENCE_MS = 60_000;

describe('PostgresEventLog on a network that fails', () => {
  let database: LogDatabase;
  let proxy: FaultProxy;
  let admin: pg.Client;
  beforeEach(async () => {
    database = await createLogDatabase();
    proxy = await FaultProxy.open(database.connectionString);
    admin = database.admin;
  });
  afterEach(async () => {
    await database.close();
    await proxy.close();
  });

  const open = (options: Partial<PostgresEventLogOptions> = {}): Promise<PostgresEventLog> =>
    database.open({ connectionString: proxy.connectionString, ...options });
  const openDirect = () => database.open();

  it('stores a flush once although the answer to it is lost, whatever it expects', async () => {
    const log = await open();
    const [usage, account, any] = [newStream('usage'), newStream('account'), newStream()];
    await log.append({ streams: [appendOf(usage, 'next'), appendOf(account, 'noStream'), appendOf(any, 'any')] });
    for (let round = 0; round < 5; round += 1) {
      const lost = proxy.loseAnswer();
      const streams = [appendOf(usage, 'next', 2), appendOf(account, BigInt(round)), appendOf(any, 'any')];
      const results = await Promise.all([
        log.append({ streams }),
        log.append({ streams: [appendOf(any, 'exists'), appendOf(newStream('usage'), 'next')] }),
        lost,
      ]);
      expect(results[0]).toMatchObject({
        revisions: [BigInt(2 * round + 2), BigInt(round + 1), BigInt(2 * round + 1)],
      });
      expect(results[1]).toMatchObject({ revisions: [BigInt(2 * round + 2), 0n], duplicate: false });
    }
    expect(await log.readStream(usage)).toHaveLength(11);
    expect(await log.readStream(account)).toHaveLength(6);
    expect(await log.readStream(any)).toHaveLength(11);
  });

  it('keeps the order of what waits while a flush is sent again', async () => {
    const log = await open();
    const [usage, account] = [newStream('usage'), newStream('account')];
    await log.append({ streams: [appendOf(account, 'noStream')] });
    const lost = proxy.loseAnswer();
    const requests = Array.from({ length: 1_200 }, (_, number) => ({
      streams: [appendOf(account, BigInt(number)), appendOf(usage, 'next')],
    }));
    await Promise.all([lost, ...requests.map((request) => log.append(request))]);
    expect(idsOf(await log.readStream(usage))).toEqual(requests.flatMap(({ streams }) => idsOf(streams[1]!.events)));
  });

  it('answers LogUnavailable when the log stays away, at once while it does, and works when it is back', async () => {
    const log = await open({ retryForMs: 300 });
    const [usage, account] = [newStream('usage'), newStream('account')];
    await log.append({ streams: [appendOf(usage, 'next'), appendOf(account, 'noStream')] });
    proxy.refuse();
    const startedAt = performance.now();
    const first = log.append({ streams: [appendOf(usage, 'next'), appendOf(account, 0n)] });
    await expect(first).rejects.toThrow(LogUnavailable);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(300);
    await expect(log.heads()).rejects.toThrow(LogUnavailable);
    await expect(log.readStream(usage)).rejects.toThrow(LogUnavailable);
    const retriedAt = performance.now();
    await expect(log.append({ streams: [appendOf(usage, 'next')] })).rejects.toThrow(LogUnavailable);
    expect(performance.now() - retriedAt).toBeLessThan(300);
    proxy.pass();
    const result = await log.append({ streams: [appendOf(usage, 'next'), appendOf(account, 0n)] });
    expect(result.revisions).toEqual([1n, 1n]);
    expect(await log.readStream(usage)).toHaveLength(2);
    expect((await log.heads()).all).toBe(result.position);
  });

  it('finds out the revision of its own stream afresh after an outcome that stayed unknown', async () => {
    const log = await open({ retryForMs: 0 });
    const usage = newStream('usage');
    await log.append({ streams: [appendOf(usage, 'next')] });
    const lost = proxy.loseAnswer();
    const unknown = appendOf(usage, 'next', 3);
    await expect(log.append({ streams: [unknown] })).rejects.toThrow(LogUnavailable);
    await lost;
    // By now the flush has ended one way or the other: its answer was what got lost.
    const result = await log.append({ streams: [appendOf(usage, 'next')] });
    expect(result.revisions).toEqual([4n]);
    expect(idsOf(await log.readStream(usage)).slice(1, 4)).toEqual(idsOf(unknown.events));
  });

  it('recognises a request that is sent again after an outcome that stayed unknown', async () => {
    const log = await open({ retryForMs: 0 });
    const [usage, account] = [newStream('usage'), newStream('account')];
    await log.append({ streams: [appendOf(usage, 'next'), appendOf(account, 'noStream')] });
    const request = { streams: [appendOf(account, 0n, 2), appendOf(usage, 'next')] };
    const lost = proxy.loseAnswer();
    await expect(log.append(request)).rejects.toThrow(LogUnavailable);
    await lost;
    expect(await log.append(request)).toMatchObject({ revisions: [2n, 1n], duplicate: true });
    expect(await log.readStream(usage)).toHaveLength(2);
  });

  it('gives up a server that does not answer, and stores nothing twice when it wakes', async () => {
    const log = await open({ answerWithinMs: 200, retryForMs: 100 });
    const stream = newStream('usage');
    await log.append({ streams: [appendOf(stream, 'next')] });
    proxy.hang();
    await expect(log.append({ streams: [appendOf(stream, 'next')] })).rejects.toThrow(LogUnavailable);
    await expect(log.heads()).rejects.toThrow(LogUnavailable);
    await expect(log.readAll({ after: (await (await openDirect()).heads()).all, limit: 1 })).rejects.toThrow(
      LogUnavailable,
    );
    proxy.pass();
    const { revisions } = await log.append({ streams: [appendOf(stream, 'next')] });
    const stored = await log.readStream(stream);
    expect(revisions[0]).toBe(BigInt(stored.length - 1));
    expect(new Set(idsOf(stored)).size).toBe(stored.length);
  });

  it('never stores a flush after a later one of the same log: an echo of a lost connection', async () => {
    const writer = '11111111-1111-4111-8111-111111111111';
    const append = (number: number, expected: bigint) =>
      admin
        .query<{ outcome: string }>(
          `select outcome from ledger.append($1, $2, now(), 1, 0, null, 'usage-echo', 'usage', $3, '1', '{}')`,
          [writer, number, expected],
        )
        .then(({ rows }) => rows[0]?.outcome);
    expect(await append(1, -1n)).toBe('stored');
    expect(await append(1, -1n)).toBe('stored');
    expect(await append(3, 0n)).toBe('stored');
    expect(await append(2, -2n)).toBe('stale');
    expect(await append(4, 0n)).toBe('conflict');
    const { rows } = await admin.query(`select * from ledger.appends`);
    expect(rows).toHaveLength(2);
  });

  it('reads the heads anew for those who ask while an earlier read is on its way', async () => {
    const [log, other] = [await open(), await openDirect()];
    await log.heads();
    const held = proxy.holdAnswers();
    const early = log.heads();
    await held;
    const { position } = await other.append({ streams: [appendOf(newStream(), 'noStream')] });
    const late = [log.heads(), log.heads()];
    proxy.pass();
    expect((await early).all < position).toBe(true);
    for (const heads of await Promise.all(late)) expect(heads).toEqual({ all: position, security: position });
  });

  it('wakes those who wait although the connection that listens was lost', async () => {
    const [log, other] = [await open(), await openDirect()];
    const position = (await log.heads()).all;
    const early = log.waitForEvents(position, PATIENCE_MS);
    await log.heads();
    proxy.refuse();
    proxy.pass();
    const late = log.waitForEvents(position, PATIENCE_MS);
    await other.append({ streams: [appendOf(newStream(), 'noStream')] });
    await Promise.all([early, late]);
  });

  it(
    'keeps what it acknowledged exactly once, and the rest at most once, while its connections are killed',
    async () => {
      const log = await open({ retryForMs: PATIENCE_MS });
      const load = new Load(log, 32);
      for (let kills = 0; kills < 40; kills += 1) {
        await load.progress(20);
        await admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name = 'token-ledger event log'`,
        );
      }
      await load.stop();
      expect(load.failures.filter((error) => !(error instanceof RevisionConflict))).toEqual([]);
      expectStoredAtMostOnce(await readToEnd(log), load);
    },
    PATIENCE_MS,
  );
});
