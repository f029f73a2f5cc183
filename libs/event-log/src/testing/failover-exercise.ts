import { expect } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type { EventLog } from '../event-log.js';
import { START } from '../position.js';
import { expectStoredAtMostOnce, Load } from './load.js';
import { idsOf, type LogUnderTest, readToEnd } from './log-under-test.js';

/** Something that is done to the servers of a log; resolves when they work again. */
export interface Disturbance {
  readonly name: string;
  readonly make: () => Promise<unknown>;
}

/** How long nothing was acknowledged, milliseconds. */
export interface Stop {
  /** The longest time, until writes went on after the disturbance. */
  readonly longestMs: number;
  /** From when the servers worked again, to the first acknowledgement seen after that. */
  readonly afterwardsMs: number;
}

export interface FailoverReport {
  readonly acknowledged: number;
  readonly stored: number;
  /** Requests that were refused; their callers tried again. */
  readonly failures: number;
  readonly stops: Readonly<Record<string, Stop>>;
}

const WRITERS = 16;
const SAMPLE_MS = 50;
/** Longer than the follower may take, so that it cannot go on by asking again: it must be told. */
const TOLD_WITHIN_MS = 60_000;
const FOLLOWED_WITHIN_MS = 10_000;

/**
 * 16 writers on a log, and a follower on another one over the same events, while the servers are taken down. Nothing
 * that was acknowledged may be lost, nothing stored twice, and the follower is told everything once and in order.
 */
export async function exerciseFailover(
  { log, reopen }: Pick<LogUnderTest, 'log' | 'reopen'>,
  disturbances: readonly Disturbance[],
): Promise<FailoverReport> {
  const follower = new Follower(await reopen());
  const load = new Load(log, WRITERS);
  const stops: Record<string, Stop> = {};
  for (const { name, make } of disturbances) {
    await load.progress(WRITERS);
    stops[name] = await stopOf(load, make());
  }
  await load.stop();
  const events = await readToEnd(log);
  expectStoredAtMostOnce(events, load);
  expect(await follower.end(events.length)).toEqual(idsOf(events));
  const { acknowledged, failures } = load;
  return { acknowledged: acknowledged.length, stored: events.length, failures: failures.length, stops };
}

/** Reads on whenever it is told that there is more, and never asks by itself. */
class Follower {
  private readonly ids: string[] = [];
  private readonly stop = new AbortController();
  private readonly following: Promise<void>;

  constructor(private readonly log: EventLog) {
    this.following = this.follow();
  }

  /** The ids that it was told of, once they are so many or should be. */
  async end(count: number): Promise<string[]> {
    const until = performance.now() + FOLLOWED_WITHIN_MS;
    while (this.ids.length < count && performance.now() < until) await pause(SAMPLE_MS);
    this.stop.abort();
    await this.following;
    return this.ids;
  }

  private async follow(): Promise<void> {
    const { signal } = this.stop;
    for (let after = START; !signal.aborted;) {
      const batch = await this.log.readAll({ after, limit: 500 }).catch(() => null);
      if (batch === null) continue;
      this.ids.push(...idsOf(batch.events));
      after = batch.next;
      if (batch.events.length === 0) await this.log.waitForEvents(after, TOLD_WITHIN_MS, signal);
    }
  }
}

/** Watches until the first acknowledgement after `disturbed`. */
async function stopOf(load: Load, disturbed: Promise<unknown>): Promise<Stop> {
  let overAt = Infinity;
  const over = disturbed.finally(() => {
    overAt = performance.now();
  });
  let longest = 0;
  let count = load.acknowledged.length;
  for (let last = performance.now(); ;) {
    await pause(SAMPLE_MS);
    const now = performance.now();
    longest = Math.max(longest, now - last);
    if (load.acknowledged.length === count) continue;
    if (now > overAt) {
      await over;
      return { longestMs: Math.round(longest), afterwardsMs: Math.round(now - overAt) };
    }
    last = now;
    count = load.acknowledged.length;
  }
}
