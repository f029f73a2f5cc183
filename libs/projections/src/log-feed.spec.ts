import { describe, expect, it } from '@jest/globals';
import { MemoryEventLog, START } from '#libs/event-log';
import { ManualClock } from '#libs/kernel/testing';
import { LogFeed } from './log-feed.js';
import { used } from './testing/engine-harness.js';

describe('LogFeed', () => {
  it('tells that more may follow a stretch that was read ahead for a smaller limit than is asked for now', async () => {
    const log = new MemoryEventLog(new ManualClock());
    for (let n = 0; n < 5; n += 1) {
      await log.append({ streams: [{ stream: 'usage-1', expected: 'next', events: [used('tok_1')] }] });
    }
    const feed = new LogFeed(log, START);
    const read = async (limit: number) => {
      const { events, isFull } = await feed.next(limit);
      return { count: events.length, isFull };
    };
    expect(await read(2)).toEqual({ count: 2, isFull: true });
    expect(await read(4)).toEqual({ count: 2, isFull: true });
    expect(await read(4)).toEqual({ count: 1, isFull: false });
  });
});
