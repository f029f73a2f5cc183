import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { ManualClock } from '#libs/kernel/testing';
import { LogUnavailable } from '../event-log.js';
import { openOnDouble } from '../testing/eventstore-double/double-log.js';
import type { EventStoreDouble } from '../testing/eventstore-double/eventstore-double.js';
import { appendOf, type LogUnderTest, newStream } from '../testing/log-under-test.js';

const LEASE_MS = 60;

describe('the lease that bounds what a deposed leader may tell', () => {
  let opened: LogUnderTest & { readonly double: EventStoreDouble };
  beforeEach(async () => {
    opened = await openOnDouble({ leaseMs: LEASE_MS, retryForMs: 0, answerWithinMs: 1_000 })(new ManualClock());
  });
  afterEach(() => opened.close());

  const renewalsOn = ({ streams }: EventStoreDouble) => streams.all.filter(({ stream }) => stream.startsWith('lease-'));

  /** Appends are answered by a majority, which a deposed leader has not; reads it answers as before. */
  const depose = () => opened.double.inject(...Array.from({ length: 50 }, () => 'timeout' as const));

  it('lets no head be told once it has run out, however well the leader answers reads', async () => {
    const { log } = opened;
    await log.append({ streams: [appendOf(newStream(), 'noStream')] });
    await log.heads();
    depose();
    await pause(LEASE_MS + 5);
    await expect(log.heads()).rejects.toBeInstanceOf(LogUnavailable);
    expect(await log.readStream(newStream('account'))).toEqual([]);
  });

  it('lets no use be stored on a judgement that a deposed leader confirms', async () => {
    const { log } = opened;
    const securityAt = (await log.heads()).security;
    depose();
    await pause(LEASE_MS + 5);
    const streams = [appendOf(newStream('usage'), 'next')];
    await expect(log.append({ streams, securityAt })).rejects.toBeInstanceOf(LogUnavailable);
  });

  it('is renewed by any append, and by one of its own where there is none', async () => {
    const { log, double } = opened;
    await log.append({ streams: [appendOf(newStream('account'), 'noStream')] });
    const before = double.appends;
    await log.heads();
    expect(double.appends).toBe(before);
    await pause(LEASE_MS + 5);
    await log.heads();
    expect(renewalsOn(double)).toHaveLength(1);
  });

  it('has the server forget its renewals but for the last one', async () => {
    const { log, double } = opened;
    for (let renewals = 0; renewals < 3; renewals += 1) {
      await pause(LEASE_MS + 5);
      await log.heads();
    }
    const { stream } = renewalsOn(double).at(-1)!;
    const told = double.streams.all.filter((event) => event.stream === `$$${stream}`);
    expect(told.map(({ data }) => Buffer.from(data).toString())).toEqual(['{"$maxCount":1}']);
  });
});
