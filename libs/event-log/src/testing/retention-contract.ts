import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel/testing';
import type { EventLog } from '../event-log.js';
import { START } from '../position.js';
import { appendOf, idsOf, type LogUnderTest, newStream, type OpenLog, readToEnd } from './log-under-test.js';

export function retentionContract(open: OpenLog): void {
  describe('dropping usage by age', () => {
    let opened: LogUnderTest;
    let log: EventLog;
    let clock: ManualClock;
    beforeEach(async () => {
      clock = new ManualClock(Date.parse('2026-01-10T00:00:00.000Z'));
      opened = await open(clock);
      log = opened.log;
    });
    afterEach(() => opened.close());

    const usage = newStream('usage');
    const old = newStream('usage');
    const account = newStream('account');
    const token = newStream();

    /** Usage, money and a token's events in January and in April. */
    async function fourMonths(): Promise<void> {
      const january = [appendOf(usage, 'next', 2), appendOf(old, 'next', 3)];
      await log.append({ streams: [...january, appendOf(account, 'noStream', 2), appendOf(token, 'noStream')] });
      clock.epochMs = Date.parse('2026-04-10T00:00:00.000Z');
      await log.append({ streams: [appendOf(usage, 'next', 2), appendOf(account, 1n), appendOf(token, 0n)] });
    }

    it('drops nothing when nothing is old enough', async () => {
      await fourMonths();
      const before = await readToEnd(log);
      expect(await log.dropUsageBefore('2026-01-01T00:00:00.000Z')).toBe(START);
      expect(await readToEnd(log)).toEqual(before);
    });

    it('drops usage of ranges that are over, and no younger usage and nothing else', async () => {
      await fourMonths();
      const before = await readToEnd(log);
      const limit = await log.dropUsageBefore('2026-04-01T00:00:00.000Z');
      const isKept = ({ stream, recordedAt }: { stream: string; recordedAt: string }) =>
        !stream.startsWith('usage-') || recordedAt >= '2026-04-01';
      expect(await readToEnd(log)).toEqual(before.filter(isKept));
      expect(limit).toBe(before.filter((event) => !isKept(event)).at(-1)?.position);
      expect(await log.readStream(old)).toEqual([]);
      expect((await log.readStream(usage)).map(({ revision }) => revision)).toEqual([2n, 3n]);
    });

    it('never drops what is younger than the instant, although it lies in the same range', async () => {
      clock.epochMs = Date.parse('2026-02-10T00:00:00.000Z');
      await log.append({ streams: [appendOf(usage, 'next')] });
      clock.epochMs = Date.parse('2026-02-20T00:00:00.000Z');
      const young = appendOf(usage, 'next');
      await log.append({ streams: [young] });
      await log.dropUsageBefore('2026-02-15T00:00:00.000Z');
      expect(idsOf(await readToEnd(log))).toEqual(expect.arrayContaining(idsOf(young.events)));
    });

    it('remembers the position up to which usage may be missing', async () => {
      await fourMonths();
      const limit = await log.dropUsageBefore('2026-04-01T00:00:00.000Z');
      const other = await opened.reopen();
      expect(await other.dropUsageBefore('2026-01-01T00:00:00.000Z')).toBe(limit);
    });

    it('leaves revisions, positions and heads where they were, so that later appends are right', async () => {
      await fourMonths();
      const heads = await log.heads();
      await log.dropUsageBefore('2026-04-01T00:00:00.000Z');
      expect(await log.heads()).toEqual(heads);
      const streams = [appendOf(usage, 'next'), appendOf(old, 'next'), appendOf(account, 2n)];
      const { position, revisions } = await log.append({ streams });
      expect(revisions).toEqual([4n, 3n, 3n]);
      expect(position > heads.all).toBe(true);
      const other = await opened.reopen();
      await expect(other.append({ streams: [appendOf(old, 'noStream')] })).rejects.toMatchObject({ actual: 3n });
      expect((await other.append({ streams: [appendOf(old, 3n)] })).revisions).toEqual([4n]);
    });

    it('knows the last revision of a stream of which nothing is left', async () => {
      await fourMonths();
      await log.dropUsageBefore('2026-04-01T00:00:00.000Z');
      const other = await opened.reopen();
      await expect(other.append({ streams: [appendOf(old, 'noStream')] })).rejects.toMatchObject({ actual: 2n });
      expect((await other.append({ streams: [appendOf(old, 'next')] })).revisions).toEqual([3n]);
    });

    it('takes appends whose clock lies far away from that of the others', async () => {
      const kept: string[] = [];
      for (const instant of ['2026-01-10', '2019-06-01', '2031-06-01', '2026-01-11', '1970-01-01']) {
        clock.epochMs = Date.parse(`${instant}T00:00:00.000Z`);
        const append = appendOf(usage, 'next');
        await log.append({ streams: [append] });
        if (instant >= '2026') kept.push(...idsOf(append.events));
      }
      await log.dropUsageBefore('2026-01-01T00:00:00.000Z');
      expect(idsOf(await readToEnd(log))).toEqual(kept);
      expect((await log.append({ streams: [appendOf(usage, 'next')] })).revisions).toEqual([5n]);
    });
  });
}
