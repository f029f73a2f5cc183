import { expect } from '@jest/globals';
import type { EventLog } from '../event-log.js';
import { START } from '../position.js';
import { expectStoredAtMostOnce, Load } from './load.js';
import { idsOf, readToEnd } from './log-under-test.js';

export interface FailoverReport {
  readonly acknowledged: number;
  readonly stored: number;
  /** Requests that were refused; their callers tried again. */
  readonly failures: number;
  /** The longest time in which nothing was acknowledged. */
  readonly longestStopMs: number;
}

const WRITERS = 16;
const SAMPLE_MS = 50;

/**
 * 16 writers and a follower on a log whose servers are taken down while `disturb` lasts. Nothing that was acknowledged
 * may be lost, nothing stored twice, and the follower is told everything once and in order.
 */
export async function exerciseFailover(log: EventLog, disturb: Promise<unknown>): Promise<FailoverReport> {
  const load = new Load(log, WRITERS);
  const stop = new AbortController();
  const followed = follow(log, stop.signal);
  const longestStopMs = await watchProgress(load, disturb);
  await load.progress(WRITERS);
  await load.stop();
  stop.abort();
  const events = await readToEnd(log);
  expectStoredAtMostOnce(events, load);
  expect(await followed).toEqual(idsOf(events));
  const { acknowledged, failures } = load;
  return { acknowledged: acknowledged.length, stored: events.length, failures: failures.length, longestStopMs };
}

async function follow(log: EventLog, signal: AbortSignal): Promise<string[]> {
  const ids: string[] = [];
  for (let after = START; ;) {
    const wasOver = signal.aborted;
    const batch = await log.readAll({ after, limit: 500 }).catch(() => null);
    if (batch === null) continue;
    ids.push(...idsOf(batch.events));
    after = batch.next;
    if (batch.events.length > 0) continue;
    if (wasOver) return ids;
    await log.waitForEvents(after, 1_000, signal);
  }
}

async function watchProgress(load: Load, disturb: Promise<unknown>): Promise<number> {
  let isOver = false;
  const over = disturb.finally(() => {
    isOver = true;
  });
  let longest = 0;
  let count = 0;
  for (let last = performance.now(); !isOver;) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    const now = performance.now();
    longest = Math.max(longest, now - last);
    if (load.acknowledged.length > count) last = now;
    count = load.acknowledged.length;
  }
  await over;
  return longest;
}
