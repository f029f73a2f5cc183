import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ManualClock } from '#libs/kernel/testing';
import { type AppendRequest, type EventLog, RevisionConflict, type StreamAppend } from '../event-log.js';
import { appendOf, idsOf, type LogUnderTest, newEvents, newStream, type OpenLog } from './log-under-test.js';

export function retriesContract(open: OpenLog): void {
  describe('a request that is sent again', () => {
    let opened: LogUnderTest;
    let log: EventLog;
    beforeAll(async () => {
      opened = await open(new ManualClock());
      log = opened.log;
    });
    afterAll(() => opened.close());

    async function expectDuplicate(request: AppendRequest, through = log): Promise<void> {
      const first = await log.append(request);
      await expectSameAppend(request, first, through);
    }

    async function expectSameAppend(request: AppendRequest, first: object, through = log): Promise<void> {
      const before = await log.heads();
      expect(await through.append(request)).toEqual({ ...first, duplicate: true });
      expect(await log.heads()).toEqual(before);
    }

    it('is the same append under noStream', async () => {
      await expectDuplicate({ streams: [appendOf(newStream(), 'noStream', 3)] });
    });

    it('is the same append under an explicit revision', async () => {
      const stream = newStream();
      await log.append({ streams: [appendOf(stream, 'noStream', 2)] });
      await expectDuplicate({ streams: [appendOf(stream, 1n, 2)] });
    });

    it('is the same append after later writes, and through another process', async () => {
      const stream = newStream();
      const request = { streams: [appendOf(stream, 'noStream', 2)] };
      const first = await log.append(request);
      await log.append({ streams: [appendOf(stream, 1n, 2)] });
      await log.append({ streams: [appendOf(stream, 'any')] });
      await expectSameAppend(request, first);
      await expectSameAppend(request, first, await opened.reopen());
      expect(await log.readStream(stream)).toHaveLength(5);
    });

    it('is the same append when both are waiting at once', async () => {
      const stream = newStream('account');
      await log.append({ streams: [appendOf(stream, 'noStream')] });
      const [request, next] = [{ streams: [appendOf(stream, 0n, 2)] }, { streams: [appendOf(stream, 2n)] }];
      const results = await Promise.all([request, request, next, request].map((each) => log.append(each)));
      expect(results.map(({ duplicate }) => duplicate)).toEqual([false, true, false, true]);
      expect(results.map(({ revisions }) => revisions[0])).toEqual([2n, 2n, 3n, 2n]);
      expect(await log.readStream(stream)).toHaveLength(4);
    });

    it('is the same append where those that built on it are sent again too', async () => {
      const stream = newStream('account');
      const chain = [appendOf(stream, 'noStream'), appendOf(stream, 0n, 2), appendOf(stream, 2n)];
      const first = await Promise.all(chain.map((append) => log.append({ streams: [append] })));
      const added = appendOf(stream, 3n);
      const again = await Promise.all([...chain, added].map((append) => log.append({ streams: [append] })));
      expect(again.map(({ duplicate }) => duplicate)).toEqual([true, true, true, false]);
      for (const [index, { position }] of first.entries()) {
        if (opened.answersEndOfFlush) expect(again[index]!.position <= position).toBe(true);
        else expect(again[index]!.position).toBe(position);
      }
      const standing = (await log.readStream(stream)).map(({ position }) => position);
      expect(again.slice(0, 3).map(({ position }) => position)).toEqual([standing[0], standing[2], standing[3]]);
      expect(idsOf(await log.readStream(stream))).toEqual([...chain, added].flatMap(({ events }) => idsOf(events)));
    });

    it('is the same append over several streams, also for the stream of a single writer', async () => {
      const [account, owner, usage] = [newStream('account'), newStream(), newStream('usage')];
      await log.append({ streams: [appendOf(account, 'noStream'), appendOf(usage, 'next', 5)] });
      const streams = [appendOf(account, 0n), appendOf(usage, 'next', 2), appendOf(owner, 'noStream')];
      const first = await log.append({ streams });
      await log.append({ streams: [appendOf(usage, 'next', 3), appendOf(account, 1n)] });
      await expectSameAppend({ streams }, first);
      await expectSameAppend({ streams }, first, await opened.reopen());
      expect((await log.readStream(usage)).length).toBe(10);
    });

    it('is a conflict where only its beginning stands', async () => {
      const stream = newStream();
      const stored = appendOf(stream, 'noStream', 2);
      await log.append({ streams: [stored] });
      await expectConflict({ ...stored, events: [...stored.events, ...newEvents()] });
    });

    it('is a conflict where other events stand, or the same in another order', async () => {
      const stream = newStream();
      const stored = appendOf(stream, 'noStream', 3);
      await log.append({ streams: [stored] });
      const [first, second, third] = stored.events;
      await expectConflict({ ...stored, events: [first!, ...newEvents(), third!] });
      await expectConflict({ ...stored, events: [second!, first!, third!] });
      await expectConflict({ ...stored, expected: 0n });
    });

    it('is a conflict where one of its streams holds the events and another does not', async () => {
      const [one, two] = [newStream(), newStream('account')];
      const stored = appendOf(one, 'noStream');
      await log.append({ streams: [stored] });
      const added = appendOf(two, 'noStream');
      await expect(log.append({ streams: [stored, added] })).rejects.toThrow(RevisionConflict);
      await expect(log.append({ streams: [stored, appendOf(two, 'any')] })).rejects.toThrow(RevisionConflict);
      expect(await log.readStream(two)).toEqual([]);
    });

    it.each(['any', 'exists', 'next'] as const)('is another append under %s alone', async (expected) => {
      const stream = newStream();
      await log.append({ streams: [appendOf(stream, 'noStream')] });
      const request = { streams: [appendOf(stream, expected)] };
      expect(await log.append(request)).toMatchObject({ revisions: [1n], duplicate: false });
      expect(await log.append(request)).toMatchObject({ revisions: [2n], duplicate: false });
    });

    async function expectConflict(append: StreamAppend): Promise<void> {
      const before = await log.heads();
      const refused = log.append({ streams: [append] });
      await expect(refused).rejects.toThrow(RevisionConflict);
      await expect(refused).rejects.toMatchObject({ stream: append.stream, expected: append.expected });
      expect(await log.heads()).toEqual(before);
    }
  });
}
