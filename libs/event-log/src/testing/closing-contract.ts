import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvariantViolation } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { type AppendRequest, type EventLog, LogUnavailable, MAX_WAITING_REQUESTS } from '../event-log.js';
import { appendOf, idsOf, type LogUnderTest, newEvents, newStream, type OpenLog } from './log-under-test.js';

export function closingContract(open: OpenLog): void {
  describe('limits', () => {
    let opened: LogUnderTest;
    let log: EventLog;
    beforeAll(async () => {
      opened = await open(new ManualClock());
      log = opened.log;
    });
    afterAll(() => opened.close());

    it('close waits for appends under way, and refuses later ones', async () => {
      const closing = await opened.reopen();
      const stream = newStream('account');
      let stored = 0;
      const pending = Array.from({ length: 700 }, async () => {
        await closing.append({ streams: [appendOf(stream, 'any')] });
        stored += 1;
      });
      const closed = closing.close();
      await expect(closing.append({ streams: [appendOf(stream, 'any')] })).rejects.toThrow(LogUnavailable);
      await closed;
      expect(stored).toBe(700);
      await Promise.all(pending);
      expect(await log.readStream(stream)).toHaveLength(700);
      await expect(closing.append({ streams: [appendOf(stream, 'any')] })).rejects.toThrow(LogUnavailable);
    });

    it('close ends waiting for events, and may be called again', async () => {
      const closing = await opened.reopen();
      const waiting = closing.waitForEvents((await closing.heads()).all, 30_000);
      await closing.close();
      await waiting;
      await closing.close();
    });

    it(`more than ${MAX_WAITING_REQUESTS} waiting requests are refused, and what was refused is not stored`, async () => {
      const stream = newStream('usage');
      const appends = Array.from({ length: MAX_WAITING_REQUESTS + 500 }, () => appendOf(stream, 'next'));
      const outcomes = await Promise.allSettled(appends.map((append) => log.append({ streams: [append] })));
      const stored = appends.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      expect(stored.length).toBeGreaterThanOrEqual(MAX_WAITING_REQUESTS);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(LogUnavailable);
      }
      expect(stored.length).toBeLessThan(appends.length);
      expect(idsOf(await log.readStream(stream))).toEqual(stored.flatMap(({ events }) => idsOf(events)));
      expect((await log.append({ streams: [appendOf(stream, 'next')] })).duplicate).toBe(false);
    }, 60_000);

    it.each<[string, AppendRequest]>([
      ['no stream', { streams: [] }],
      ['no events', { streams: [{ stream: newStream(), expected: 'any', events: [] }] }],
      ['an empty name', { streams: [appendOf('', 'any')] }],
      ['a blank in the name', { streams: [appendOf('token-a b', 'any')] }],
      ['NUL in the name', { streams: [appendOf('token-\0', 'any')] }],
      ['half a surrogate pair in the name', { streams: [appendOf('token-\ud83d', 'any')] }],
      ['a name of 251 characters', { streams: [appendOf('t'.repeat(251), 'any')] }],
      ['a stream named twice', { streams: [appendOf('token-twice', 'any'), appendOf('token-twice', 'any')] }],
      ['a negative revision', { streams: [appendOf(newStream(), -1n)] }],
      ['an event id that is no UUID', { streams: [{ stream: newStream(), expected: 'any', events: badId() }] }],
    ])('a request with %s is a mistake, and fails nobody else', async (_name, request) => {
      const stream = newStream();
      const beside = log.append({ streams: [appendOf(stream, 'noStream')] });
      await expect(log.append(request)).rejects.toThrow(InvariantViolation);
      expect((await beside).revisions).toEqual([0n]);
    });
  });
}

const badId = () => newEvents().map((event) => ({ ...event, id: 'E1' }));
