import { describe, expect, it } from '@jest/globals';
import type { Position } from '#libs/event-log';
import { PositionWaiters } from './position-waiters.js';

const at = (position: number): Position => BigInt(position) as Position;
const LONG_MS = 60_000;

describe('PositionWaiters', () => {
  it('wake those whose position is reached, and no others', async () => {
    const waiters = new PositionWaiters();
    const woken: number[] = [];
    const waits = [3, 1, 2].map((position) => waiters.wait(at(position), null).then(() => woken.push(position)));
    waiters.reach(at(2));
    await Promise.all(waits.slice(1));
    expect(woken).toEqual([1, 2]);
    expect(waiters.size).toBe(1);
    waiters.reach(at(7));
    await Promise.all(waits);
    expect(waiters.size).toBe(0);
    expect(waiters.reached).toBe(7n);
  });

  it('answer at once for what is reached already, and give up in time otherwise', async () => {
    const waiters = new PositionWaiters();
    waiters.reach(at(5));
    expect(await waiters.wait(at(5), LONG_MS)).toBe(true);
    expect(await waiters.wait(at(6), 1)).toBe(false);
    expect(waiters.size).toBe(0);
  });

  it('cut a pause short as soon as somebody waits, and leave none while somebody does', async () => {
    const waiters = new PositionWaiters();
    const { signal } = new AbortController();
    const pausing = waiters.pauseUnlessWaited(LONG_MS, signal);
    const waiting = waiters.wait(at(1), LONG_MS);
    await pausing;
    await waiters.pauseUnlessWaited(LONG_MS, signal);
    waiters.reach(at(1));
    expect(await waiting).toBe(true);
    await waiters.pauseUnlessWaited(LONG_MS, AbortSignal.abort());
  });
});
