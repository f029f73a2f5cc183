import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { categoryOf, EVENT_CONTRACTS, type NewEvent } from '#libs/contracts';
import { canonicalJson, type Json } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import type { EventLog, RecordedEvent } from '../event-log.js';
import { comparePositions, type Position, START } from '../position.js';
import { appendOf, eventId, idsOf, type LogUnderTest, newEvents, newStream, type OpenLog } from './log-under-test.js';

/** Far longer than a wake-up takes, and shorter than the patience of a test. */
const LONG_MS = 30_000;

export function readingContract(open: OpenLog): void {
  describe('reading', () => {
    let opened: LogUnderTest;
    let log: EventLog;
    const clock = new ManualClock(Date.parse('2026-03-04T05:06:07.080Z'));
    beforeAll(async () => {
      opened = await open(clock);
      log = opened.log;
    });
    afterAll(() => opened.close());

    const head = async (): Promise<Position> => (await log.heads()).all;

    it('finds nothing in a stream that does not exist, and nothing after the head', async () => {
      expect(await log.readStream(newStream())).toEqual([]);
      const after = await head();
      expect(await log.readAll({ after, limit: 10 })).toEqual({ events: [], next: after });
    });

    it('gives an event back as it was appended, with where and when it stands', async () => {
      const stream = newStream();
      const append = appendOf(stream, 'noStream', 2);
      const { position } = await log.append({ streams: [append] });
      const [first, second] = await log.readStream(stream);
      const [appended] = append.events;
      expect(first).toEqual({
        ...appended,
        stream,
        revision: 0n,
        position: first?.position,
        recordedAt: '2026-03-04T05:06:07.080Z',
      });
      expect(second?.position).toBe(position);
      const { events } = await log.readAll({ after: first!.position, limit: 1 });
      expect(events).toEqual([second]);
    });

    describe('ranges', () => {
      let all: readonly RecordedEvent[];
      beforeAll(async () => {
        const after = await head();
        const [usage, token, account] = [newStream('usage'), newStream(), newStream('account')];
        await log.append({ streams: [appendOf(usage, 'next', 5), appendOf(token, 'noStream', 3)] });
        await log.append({ streams: [appendOf(account, 'noStream', 4)] });
        await log.append({ streams: [appendOf(usage, 'next', 1), appendOf(token, 'any', 2)] });
        all = (await log.readAll({ after, limit: 100 })).events;
      });

      it('give the events whose positions they hold, whatever stands at their ends', async () => {
        expect(all).toHaveLength(15);
        const first = all[0]!.position;
        const last = all.at(-1)!.position;
        const bounds = [...all.flatMap(({ position }) => [position - 1n, position, position + 1n])] as Position[];
        const bound = fc.constantFrom(...bounds.filter((at) => at >= first && at <= last));
        await fc.assert(
          fc.asyncProperty(fc.uniqueArray(bound, { minLength: 2, maxLength: 10 }), async (cuts) => {
            cuts.sort(comparePositions);
            const ranges = cuts.flatMap((cut, index) =>
              index % 2 === 1 ? [{ first: cuts[index - 1]!, last: cut }] : [],
            );
            const expected = all.filter(({ position }) =>
              ranges.some((range) => position >= range.first && position <= range.last),
            );
            expect(await log.readRanges(ranges)).toEqual(expected);
          }),
          { numRuns: 60 },
        );
      });

      it('may be none, of one position, and reach beyond the log', async () => {
        expect(await log.readRanges([])).toEqual([]);
        const { position } = all[6]!;
        expect(await log.readRanges([{ first: position, last: position }])).toEqual([all[6]]);
        const beyond = ((await head()) + 1_000_000n) as Position;
        expect(await log.readRanges([{ first: all[13]!.position, last: beyond }])).toEqual(all.slice(13));
        expect(await log.readRanges([{ first: (beyond - 10n) as Position, last: beyond }])).toEqual([]);
        const [early] = await log.readRanges([{ first: START, last: position }]);
        expect(early).toEqual((await log.readAll({ after: START, limit: 1 })).events[0]);
      });

      it('leave out nothing but what may be left out', async () => {
        const sought = [all[2]!.id, all[6]!.id, all[14]!.id];
        const mayOmit = (text: string): boolean => !sought.some((id) => text.includes(id));
        const range = { first: all[1]!.position, last: all.at(-1)!.position };
        const read = await log.readRanges([range], mayOmit);
        expect(all).toEqual(expect.arrayContaining(read));
        const wanted = ({ id }: RecordedEvent): boolean => sought.includes(id);
        expect(read.filter(wanted)).toEqual(all.filter(wanted));
      });
    });

    it('keeps the instant of the append to the millisecond', async () => {
      const stream = newStream();
      const instants = ['2026-03-04T05:06:08.000Z', '2026-03-04T05:06:08.100Z', '2026-03-04T05:06:08.123Z'];
      for (const instant of instants) {
        clock.epochMs = Date.parse(instant);
        await log.append({ streams: [appendOf(stream, 'any')] });
      }
      expect((await log.readStream(stream)).map(({ recordedAt }) => recordedAt)).toEqual(instants);
    });

    it('keeps the private part', async () => {
      const stream = newStream();
      const hidden = { secretHash: 'ab'.repeat(32), keyId: 'K' };
      const [plain, secret] = newEvents(2);
      await log.append({
        streams: [{ stream, expected: 'noStream', events: [plain!, { ...secret!, private: hidden }] }],
      });
      const read = await log.readStream(stream);
      expect(read.map((event) => event.private)).toEqual([undefined, hidden]);
      expect(read[0]).not.toHaveProperty('private');
    });

    it('gives the same canonical bytes for the example of every event type', async () => {
      const stream = newStream();
      const events = Object.values(EVENT_CONTRACTS).map(
        ({ type, example }) =>
          ({ id: eventId(), type, data: example, metadata: { b: '2', a: '1' } }) as unknown as NewEvent,
      );
      await log.append({ streams: [{ stream, expected: 'noStream', events }] });
      const bytes = ({ id, type, data, metadata }: NewEvent) => canonicalJson({ id, type, data, metadata } as Json);
      expect((await log.readStream(stream)).map(bytes)).toEqual(events.map(bytes));
    });

    it.each([
      ['NUL and other control characters', '\0\u0001\u001e\u001f\t\r\n\u007f'],
      ['separators of lines', 'a\nb\u2028c\u2029d\u0085e'],
      ['quotes and escapes', String.raw`"\" ' \n \u0000 {} , NULL`],
      ['other planes and combined characters', '😀 é é 👩‍👩‍👧‍👦 \u{10ffff} \ufffe'],
      ['half a surrogate pair', '\ud83d and \ude00'],
      ['a long text', 'Füße 語 '.repeat(20_000)],
    ])('keeps %s', async (_name, text) => {
      const stream = newStream();
      const events = newEvents(2, text).map((event) => ({ ...event, metadata: { [text.slice(0, 50)]: text } }));
      await log.append({ streams: [{ stream, expected: 'noStream', events }] });
      const read = await log.readStream(stream);
      expect(read.map(({ data }) => data)).toEqual(events.map(({ data }) => data));
      expect(read.map(({ metadata }) => metadata)).toEqual(events.map(({ metadata }) => metadata));
    });

    it('begins a stream at any revision and stops at any limit', async () => {
      const stream = newStream();
      const appends = [appendOf(stream, 'noStream', 4), appendOf(stream, 3n), appendOf(stream, 4n, 5)];
      for (const append of appends) await log.append({ streams: [append] });
      const all = appends.flatMap(({ events }) => idsOf(events));
      for (let from = 0; from <= all.length; from += 1) {
        expect(idsOf(await log.readStream(stream, { from: BigInt(from) }))).toEqual(all.slice(from));
        const limited = await log.readStream(stream, { from: BigInt(from), limit: 3 });
        expect(idsOf(limited)).toEqual(all.slice(from, from + 3));
      }
    });

    describe('the whole log', () => {
      let from: Position;
      const streams = { security: newStream(), account: newStream('account'), usage: newStream('usage') };
      const order: string[] = [];
      beforeAll(async () => {
        from = await head();
        for (let round = 0; round < 6; round += 1) {
          for (const stream of Object.values(streams)) {
            const append = appendOf(stream, 'any', 1 + (round % 3));
            await log.append({ streams: [append] });
            order.push(...idsOf(append.events));
          }
        }
      });

      it.each([1, 2, 3, 5, 7, 100])('comes in order, in batches of at most %d', async (limit) => {
        const read: string[] = [];
        let next = from;
        let found: number;
        do {
          const batch = await log.readAll({ after: next, limit });
          found = batch.events.length;
          expect(found).toBeLessThanOrEqual(limit);
          if (found > 0) expect(batch.next).toBe(batch.events.at(-1)?.position);
          read.push(...idsOf(batch.events));
          next = batch.next;
        } while (found === limit);
        expect(next).toBe(await head());
        expect(read).toEqual(order);
      });

      it.each([
        [['security']],
        [['account']],
        [['usage']],
        [['security', 'account']],
        [['account', 'usage', 'security']],
        [[]],
      ] as ('security' | 'account' | 'usage')[][][])('comes by category: %j', async (categories) => {
        const wanted = (await log.readAll({ after: from, limit: 1_000 })).events.filter((event) =>
          categories.includes(categoryOf(event.stream)),
        );
        for (const limit of [2, 1_000]) {
          const read: string[] = [];
          let next = from;
          let found: number;
          do {
            const batch = await log.readAll({ after: next, limit, categories });
            read.push(...idsOf(batch.events));
            next = batch.next;
            found = batch.events.length;
          } while (found === limit);
          expect(read).toEqual(idsOf(wanted));
          expect(next).toBe(await head());
        }
      });

      it('continues at the head once its categories hold no more', async () => {
        await log.append({ streams: [appendOf(streams.usage, 'any')] });
        const { events, next } = await log.readAll({ after: from, limit: 1_000, categories: ['account'] });
        expect(events.at(-1)!.position < next).toBe(true);
        expect(next).toBe(await head());
      });
    });

    describe('heads', () => {
      it('cover every append that was acknowledged, in every process', async () => {
        const other = await opened.reopen();
        const oneAfterAnother = async () => {
          for (let round = 0; round < 15; round += 1) {
            const { position } = await log.append({ streams: [appendOf(newStream(), 'noStream')] });
            const [here, there] = await Promise.all([log.heads(), other.heads()]);
            expect(here.all >= position && here.security >= position).toBe(true);
            expect(there.all >= position && there.security >= position).toBe(true);
          }
        };
        await Promise.all(Array.from({ length: 8 }, oneAfterAnother));
      });

      it('move for security only with its streams', async () => {
        const { position } = await log.append({ streams: [appendOf(newStream(), 'noStream', 2)] });
        expect(await log.heads()).toEqual({ all: position, security: position });
        const streams = [appendOf(newStream('account'), 'noStream'), appendOf(newStream('usage'), 'next', 3)];
        const money = await log.append({ streams });
        expect(await log.heads()).toEqual({ all: money.position, security: position });
        const mixed = await log.append({
          streams: [appendOf(newStream(), 'noStream'), appendOf(streams[0]!.stream, 0n)],
        });
        const { all, security } = await log.heads();
        expect(all).toBe(mixed.position);
        expect(security > money.position && security <= mixed.position).toBe(true);
      });
    });

    describe('waiting', () => {
      it('ends at once when there are events', async () => {
        await log.append({ streams: [appendOf(newStream(), 'noStream')] });
        await log.waitForEvents(START, LONG_MS);
      });

      it('ends with the next append, of this process or another', async () => {
        const other = await opened.reopen();
        for (const [waiter, writer] of [
          [log, log],
          [log, other],
          [other, log],
        ] as const) {
          const woken = waiter.waitForEvents(await head(), LONG_MS);
          await writer.append({ streams: [appendOf(newStream('usage'), 'next')] });
          await woken;
        }
      });

      it('ends when time is up, also in a log that was just opened', async () => {
        const other = await opened.reopen();
        const startedAt = performance.now();
        await other.waitForEvents(await head(), 40);
        expect(performance.now() - startedAt).toBeGreaterThanOrEqual(35);
      });

      it('ends when it is aborted', async () => {
        const abort = new AbortController();
        const waiting = log.waitForEvents(await head(), LONG_MS, abort.signal);
        abort.abort();
        await waiting;
        await log.waitForEvents(await head(), LONG_MS, abort.signal);
      });
    });
  });
}
