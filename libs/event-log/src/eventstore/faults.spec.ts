import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { ManualClock } from '#libs/kernel/testing';
import { type EventLog, LogUnavailable } from '../event-log.js';
import { START } from '../position.js';
import type { Fault } from '../testing/eventstore-double/append-faults.js';
import { openOnDouble } from '../testing/eventstore-double/double-log.js';
import type { EventStoreDouble } from '../testing/eventstore-double/eventstore-double.js';
import { exerciseFailover } from '../testing/failover-exercise.js';
import { expectStoredAtMostOnce, Load } from '../testing/load.js';
import { appendOf, idsOf, type LogUnderTest, newEvents, newStream, readToEnd } from '../testing/log-under-test.js';

const EVERY_FAULT: Fault[] = [
  'unavailable',
  'notLeader',
  'timeout',
  'notReady',
  'dropAfterCommit',
  'restartAfterCommit',
  'answerTwice',
];

describe('EventStoreEventLog on a double of the server that fails', () => {
  let opened: LogUnderTest & { readonly double: EventStoreDouble };
  let log: EventLog;
  let double: EventStoreDouble;
  beforeEach(async () => {
    opened = await openOnDouble({ retryForMs: 4_000, answerWithinMs: 1_000 })(new ManualClock());
    ({ log, double } = opened);
  });
  afterEach(() => opened.close());

  it.each(EVERY_FAULT)('stores an append once and answers it: %s', async (fault) => {
    const stream = newStream('account');
    double.inject(fault);
    const append = appendOf(stream, 'noStream', 3);
    const result = await log.append({ streams: [append] });
    expect(result).toMatchObject({ revisions: [2n], duplicate: false });
    const stored = await log.readStream(stream);
    expect(idsOf(stored)).toEqual(idsOf(append.events));
    expect(stored.at(-1)?.position).toBe(result.position);
    expect(double.faults.left).toBe(0);
  });

  it.each(EVERY_FAULT)('stores a request over several streams whole, wherever it is met: %s', async (fault) => {
    // The intent, each of two streams, and the mark.
    for (let appends = 0; appends < 4; appends += 1) {
      const streams = [appendOf(newStream(), 'noStream', 2), appendOf(newStream('account'), 'noStream')];
      const position = (await log.heads()).all;
      await log.append({ streams: [appendOf(newStream(), 'noStream')] });
      double.inject(...healthy(appends), fault);
      const result = await log.append({ streams });
      expect(result.revisions).toEqual([1n, 0n]);
      for (const { stream, events } of streams) expect(idsOf(await log.readStream(stream))).toEqual(idsOf(events));
      expect((await log.heads()).security > position).toBe(true);
    }
  });

  it('answers in its own time where the server is late', async () => {
    const stream = newStream('account');
    double.inject('delayedAnswer');
    let isAnswered = false;
    const answered = log.append({ streams: [appendOf(stream, 'noStream')] }).then((result) => {
      isAnswered = true;
      return result;
    });
    while ((await log.readStream(stream)).length === 0) await pause(1);
    expect(isAnswered).toBe(false);
    double.faults.letGo();
    expect((await answered).revisions).toEqual([0n]);
  });

  it('refuses with LogUnavailable while the server is away, and goes on when it is back', async () => {
    double.kill();
    await expect(log.readStream(newStream())).rejects.toBeInstanceOf(LogUnavailable);
    await expect(log.heads()).rejects.toBeInstanceOf(LogUnavailable);
    await double.listen();
    const stream = newStream('usage');
    expect((await log.append({ streams: [appendOf(stream, 'next')] })).revisions).toEqual([0n]);
  });

  it('loses nothing and stores nothing twice under load, while every fault is met again and again', async () => {
    const load = new Load(log, 8);
    for (let round = 0; round < 6; round += 1) {
      await load.progress(8);
      double.inject(...EVERY_FAULT);
    }
    await load.progress(8);
    await load.stop();
    expectStoredAtMostOnce(await readToEnd(log), load);
    expect(load.failures).toEqual([]);
    expect(double.faults.left).toBe(0);
  }, 60_000);

  it('goes on by itself, for writers and followers, while its server is taken down again and again', async () => {
    const disturb = async () => {
      for (let round = 0; round < 5; round += 1) {
        await pause(100);
        double.kill();
        await pause(50);
        await double.listen();
      }
    };
    const name = 'taken down again and again';
    const report = await exerciseFailover(opened, [{ name, make: disturb }]);
    expect(report.acknowledged).toBeGreaterThan(100);
    expect(report.stops[name]?.longestMs).toBeLessThan(3_000);
  }, 60_000);

  it('tells those who wait for events also after the server was started again', async () => {
    const waiting = log.waitForEvents(START, 30_000);
    await log.append({ streams: [appendOf(newStream(), 'noStream')] });
    await waiting;
    double.kill();
    await double.listen();
    const other = await opened.reopen();
    const woken = log.waitForEvents((await log.heads()).all, 30_000);
    await other.append({ streams: [appendOf(newStream('usage'), 'next')] });
    await woken;
  });

  it('carries out what a writer that died intended, before the next acknowledgement and for whoever reads it', async () => {
    const [token, owner] = [newStream(), newStream()];
    const streams = [appendOf(token, 'noStream', 2), appendOf(owner, 'noStream')];
    const dying = await openOnDouble({ retryForMs: 0, answerWithinMs: 1_000 })(new ManualClock());
    // The intent is stored, and the writer dies before either of the streams.
    dying.double.inject(...healthy(1), 'unavailable', 'unavailable');
    await expect(dying.log.append({ streams })).rejects.toBeInstanceOf(LogUnavailable);
    expect((await dying.log.heads()).security).toBe(START);
    const heir = await dying.reopen();
    await heir.append({ streams: [appendOf(newStream(), 'noStream')] });
    for (const { stream, events } of streams) expect(idsOf(await heir.readStream(stream))).toEqual(idsOf(events));
    const { security, all } = await heir.heads();
    expect(security).toBe(all);
    await dying.close();
  });

  it('shows a fact only when the barrier shows it: a mark that is missing is made up for by whoever reads', async () => {
    const token = newStream();
    const dying = await openOnDouble({ retryForMs: 0, answerWithinMs: 1_000 })(new ManualClock());
    // The intent and the fact are stored, and the writer dies before the mark.
    dying.double.inject(...healthy(2), 'unavailable');
    await expect(dying.log.append({ streams: [appendOf(token, 'noStream')] })).rejects.toBeInstanceOf(LogUnavailable);
    expect((await dying.log.heads()).security).toBe(START);
    const reader = await dying.reopen();
    const [fact] = await reader.readStream(token);
    expect((await reader.heads()).security).toBe(fact?.position);
    await dying.close();
  });

  it('leaves an intent to its writer while that is at work, and goes on when its mark is there', async () => {
    const [mine, others] = [newStream(), newStream()];
    const other = await opened.reopen();
    // The intent is stored and answered; the answer about the stream itself is late.
    double.inject('none', 'delayedAnswer');
    const first = log.append({ streams: [appendOf(mine, 'noStream')] });
    while (double.faults.left > 0) await pause(1);
    const sent = double.appends;
    const second = other.append({ streams: [appendOf(others, 'noStream')] });
    // Long enough for a process that does not wait to have carried the intent out.
    for (let reads = 0; reads < 30; reads += 1) await other.readStream(newStream('account'));
    expect(double.appends).toBe(sent);
    double.faults.letGo();
    expect((await first).revisions).toEqual([0n]);
    expect((await second).revisions).toEqual([0n]);
  });

  it('lets a charge pass while the security stream is busy, but not one that builds on what waits there', async () => {
    const [token, owner, account] = [newStream(), newStream(), newStream('account')];
    double.inject('delayedAnswer');
    const held = log.append({ streams: [appendOf(token, 'noStream'), appendOf(account, 'noStream')] });
    while (double.faults.left > 0) await pause(1);
    const onIt = log.append({ streams: [appendOf(account, 0n), appendOf(owner, 'noStream')] });
    const charge = log.append({ streams: [appendOf(account, 1n)] });
    const free = appendOf(newStream('account'), 'noStream');
    expect((await log.append({ streams: [free] })).revisions).toEqual([0n]);
    double.faults.letGo();
    expect((await held).revisions).toEqual([0n, 0n]);
    expect((await onIt).revisions).toEqual([1n, 0n]);
    expect((await charge).revisions).toEqual([2n]);
  });

  it('splits what is larger than the server takes in one append', async () => {
    const stream = newStream('account');
    const events = Array.from({ length: 30 }, () => newEvents(1, 'x'.repeat(100_000))[0]!);
    const { revisions } = await log.append({ streams: [{ stream, expected: 'noStream', events }] });
    expect(revisions).toEqual([29n]);
    expect(idsOf(await log.readStream(stream))).toEqual(idsOf(events));
  });
});

/** No fault, for so many appends. */
const healthy = (appends: number): Fault[] => Array<Fault>(appends).fill('none');
