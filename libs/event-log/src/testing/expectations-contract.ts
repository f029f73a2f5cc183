import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel/testing';
import { type EventLog, type ExpectedRevision, RevisionConflict } from '../event-log.js';
import { START } from '../position.js';
import { appendOf, idsOf, type LogUnderTest, newStream, type OpenLog, readToEnd } from './log-under-test.js';

export function expectationsContract(open: OpenLog): void {
  describe('expected revisions', () => {
    let opened: LogUnderTest;
    let log: EventLog;
    beforeAll(async () => {
      opened = await open(new ManualClock());
      log = opened.log;
    });
    afterAll(() => opened.close());

    async function streamOf3(): Promise<string> {
      const stream = newStream();
      await log.append({ streams: [appendOf(stream, 'noStream', 3)] });
      return stream;
    }

    it.each<[ExpectedRevision, bigint]>([
      ['noStream', 1n],
      ['any', 1n],
      ['next', 1n],
    ])('lets %s begin a new stream', async (expected, last) => {
      const stream = newStream();
      const result = await log.append({ streams: [appendOf(stream, expected, 2)] });
      expect(result).toMatchObject({ revisions: [last], duplicate: false });
      expect((await log.readStream(stream)).map(({ revision }) => revision)).toEqual([0n, 1n]);
    });

    it.each<[ExpectedRevision]>([['exists'], [0n], [7n]])('refuses %s on a new stream', async (expected) => {
      const stream = newStream();
      const refused = log.append({ streams: [appendOf(stream, expected)] });
      await expect(refused).rejects.toThrow(RevisionConflict);
      await expect(refused).rejects.toMatchObject({ stream, expected, actual: -1n });
      expect(await log.readStream(stream)).toEqual([]);
    });

    it.each<[ExpectedRevision]>([['exists'], ['any'], ['next'], [2n]])(
      'appends to an existing stream under %s',
      async (expected) => {
        const stream = await streamOf3();
        const result = await log.append({ streams: [appendOf(stream, expected, 2)] });
        expect(result).toMatchObject({ revisions: [4n], duplicate: false });
        expect((await log.readStream(stream)).map(({ revision }) => revision)).toEqual([0n, 1n, 2n, 3n, 4n]);
      },
    );

    it.each<[ExpectedRevision]>([['noStream'], [0n], [1n], [3n]])(
      'refuses %s on a stream whose last revision is 2',
      async (expected) => {
        const stream = await streamOf3();
        const before = await log.heads();
        const refused = log.append({ streams: [appendOf(stream, expected)] });
        await expect(refused).rejects.toThrow(RevisionConflict);
        await expect(refused).rejects.toMatchObject({ stream, expected, actual: 2n });
        expect(await log.readStream(stream)).toHaveLength(3);
        expect(await log.heads()).toEqual(before);
      },
    );

    it('stores a request to several streams whole', async () => {
      const [token, account, usage] = [newStream(), newStream('account'), newStream('usage')];
      const streams = [appendOf(token, 'noStream', 2), appendOf(account, 'any', 3), appendOf(usage, 'next')];
      const result = await log.append({ streams });
      expect(result.revisions).toEqual([1n, 2n, 0n]);
      for (const { stream, events } of streams) expect(idsOf(await log.readStream(stream))).toEqual(idsOf(events));
      const last = (await readToEnd(log)).filter(({ stream }) => [token, account, usage].includes(stream)).at(-1);
      expect(result.position).toBe(last?.position);
    });

    it('stores nothing of a request of which one stream conflicts', async () => {
      const [fine, other, taken] = [newStream(), newStream('usage'), await streamOf3()];
      const before = await log.heads();
      const refused = log.append({
        streams: [appendOf(fine, 'noStream'), appendOf(other, 'next'), appendOf(taken, 'noStream')],
      });
      await expect(refused).rejects.toMatchObject({ stream: taken, expected: 'noStream', actual: 2n });
      expect(await log.readStream(fine)).toEqual([]);
      expect(await log.readStream(other)).toEqual([]);
      expect(await log.heads()).toEqual(before);
    });

    describe('of the only writer', () => {
      it('need no waiting, and no knowledge of earlier appends', async () => {
        const stream = newStream('usage');
        const appends = Array.from({ length: 20 }, () => log.append({ streams: [appendOf(stream, 'next', 2)] }));
        const results = await Promise.all(appends);
        expect(results.map(({ revisions }) => revisions[0])).toEqual(results.map((_, index) => BigInt(index * 2 + 1)));
      });

      it('refuse a writer that was overtaken, for good, and not the one that overtook it', async () => {
        const stream = newStream('usage');
        const other = await opened.reopen();
        await log.append({ streams: [appendOf(stream, 'next')] });
        await other.append({ streams: [appendOf(stream, 'next')] });
        for (let round = 0; round < 2; round += 1) {
          const refused = log.append({ streams: [appendOf(stream, 'next')] });
          await expect(refused).rejects.toThrow(RevisionConflict);
          await expect(refused).rejects.toMatchObject({ stream, expected: 'next', actual: BigInt(1 + round) });
          await other.append({ streams: [appendOf(stream, 'next')] });
        }
        expect((await log.readStream(stream)).map(({ revision }) => revision)).toEqual([0n, 1n, 2n, 3n]);
      });

      it('count what the same writer appended under another expectation', async () => {
        const stream = newStream('usage');
        await log.append({ streams: [appendOf(stream, 'next')] });
        await log.append({ streams: [appendOf(stream, 0n)] });
        const result = await log.append({ streams: [appendOf(stream, 'next')] });
        expect(result.revisions).toEqual([2n]);
      });

      it('leave no hole where a request failed for another of its streams', async () => {
        const [usage, account] = [newStream('usage'), newStream('account')];
        const appends = [0, 1, 2, 3, 4, 5].map((number) =>
          log.append({ streams: [appendOf(account, number % 2 ? 40n : 'any'), appendOf(usage, 'next')] }),
        );
        const outcomes = await Promise.allSettled(appends);
        expect(outcomes.map(({ status }) => status)).toEqual(
          [0, 1, 2, 3, 4, 5].map((number) => (number % 2 ? 'rejected' : 'fulfilled')),
        );
        expect((await log.readStream(usage)).map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
      });
    });

    it('leave positions that begin after START and never repeat', async () => {
      const positions = (await readToEnd(log, START, 3)).map(({ position }) => position);
      expect(positions.length).toBeGreaterThan(20);
      positions.reduce((before, position) => {
        expect(position > before).toBe(true);
        return position;
      }, START);
    });
  });
}
