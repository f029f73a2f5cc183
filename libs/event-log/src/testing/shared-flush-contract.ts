import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel/testing';
import { type AppendRequest, type AppendResult, type EventLog, RevisionConflict } from '../event-log.js';
import { appendOf, idsOf, type LogUnderTest, newStream, type OpenLog } from './log-under-test.js';

export function sharedFlushContract(open: OpenLog): void {
  describe('requests that wait together', () => {
    let opened: LogUnderTest;
    let log: EventLog;
    beforeAll(async () => {
      opened = await open(new ManualClock());
      log = opened.log;
    });
    afterAll(() => opened.close());

    /** Hands in all requests before any is answered; the first only keeps the log busy, so that the others meet. */
    async function together(...requests: AppendRequest[]): Promise<PromiseSettledResult<AppendResult>[]> {
      const busy = log.append({ streams: [appendOf(newStream(), 'noStream')] });
      const outcomes = await Promise.allSettled(requests.map((request) => log.append(request)));
      await busy;
      return outcomes;
    }

    const statuses = (outcomes: PromiseSettledResult<AppendResult>[]) => outcomes.map(({ status }) => status);

    it('may build on each other: the expected revision counts what waits before', async () => {
      const stream = newStream('account');
      const outcomes = await together(
        { streams: [appendOf(stream, 'noStream', 2)] },
        { streams: [appendOf(stream, 1n)] },
        { streams: [appendOf(stream, 2n, 3)] },
        { streams: [appendOf(stream, 'exists')] },
        { streams: [appendOf(stream, 'any')] },
      );
      const revisions = outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value.revisions[0]);
      expect(revisions).toEqual([1n, 2n, 5n, 6n, 7n]);
      expect(await log.readStream(stream)).toHaveLength(8);
    });

    it('fail alone', async () => {
      const [taken, ...others] = [newStream(), newStream(), newStream('account'), newStream('usage')];
      await log.append({ streams: [appendOf(taken, 'noStream')] });
      const outcomes = await together(
        { streams: [appendOf(others[0], 'noStream')] },
        { streams: [appendOf(taken, 'noStream')] },
        { streams: [appendOf(others[1], 'noStream')] },
        { streams: [appendOf(taken, 5n)] },
        { streams: [appendOf(others[2], 'next')] },
        { streams: [appendOf(taken, 0n)] },
      );
      expect(statuses(outcomes)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
      expect(await log.readStream(taken)).toHaveLength(2);
    });

    it('take with them those that built on them, and nobody else', async () => {
      const [account, owner, taken] = [newStream('account'), newStream(), newStream()];
      await log.append({ streams: [appendOf(taken, 'noStream')] });
      const survivors = [appendOf(account, 'any'), appendOf(account, 0n), appendOf(owner, 'noStream')];
      const outcomes = await together(
        { streams: [appendOf(taken, 'noStream'), appendOf(account, 'noStream', 4), appendOf(owner, 'noStream')] },
        { streams: [appendOf(account, 3n)] },
        { streams: [appendOf(owner, 0n)] },
        { streams: [appendOf(account, 4n), appendOf(newStream(), 'noStream')] },
        ...survivors.map((append) => ({ streams: [append] })),
      );
      expect(statuses(outcomes)).toEqual([...Array<string>(4).fill('rejected'), ...Array<string>(3).fill('fulfilled')]);
      const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as unknown) : null));
      for (const reason of reasons.slice(0, 4)) expect(reason).toBeInstanceOf(RevisionConflict);
      expect(idsOf(await log.readStream(account))).toEqual(
        idsOf(survivors.slice(0, 2).flatMap(({ events }) => events)),
      );
      expect(idsOf(await log.readStream(owner))).toEqual(idsOf(survivors[2]!.events));
    });

    it('may build on a request to other streams that waits before them', async () => {
      const [one, two] = [newStream('account'), newStream('account')];
      const outcomes = await together(
        { streams: [appendOf(one, 3n)] },
        { streams: [appendOf(one, 'noStream'), appendOf(two, 'noStream')] },
        { streams: [appendOf(two, 0n), appendOf(one, 0n)] },
        { streams: [appendOf(two, 1n)] },
      );
      expect(statuses(outcomes)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    });

    it('lose one of two that want the same revision, and it is the later one', async () => {
      const stream = newStream('account');
      const rivals = Array.from({ length: 10 }, () => ({ streams: [appendOf(stream, 'noStream')] }));
      const outcomes = await together(...rivals);
      expect(statuses(outcomes)).toEqual(['fulfilled', ...Array<string>(9).fill('rejected')]);
    });

    it('are answered in their hundreds, whatever their streams share', async () => {
      const accounts = Array.from({ length: 5 }, () => newStream('account'));
      const usage = newStream('usage');
      const revisions = new Map<string, bigint>();
      const requests = Array.from({ length: 1_500 }, (_, number) => {
        const account = accounts[number % accounts.length]!;
        const expected = revisions.get(account) ?? 'noStream';
        revisions.set(account, expected === 'noStream' ? 0n : expected + 1n);
        return { streams: [appendOf(account, expected), appendOf(usage, 'next')] };
      });
      const outcomes = await together(...requests);
      expect(new Set(statuses(outcomes))).toEqual(new Set(['fulfilled']));
      expect(idsOf(await log.readStream(usage))).toEqual(requests.flatMap(({ streams }) => idsOf(streams[1]!.events)));
    });
  });
}
