import { describe, expect, it } from '@jest/globals';
import { RecentTimes } from './recent-times.js';

describe('RecentTimes', () => {
  it('counts what happened within the time, this one included', () => {
    const recent = new RecentTimes(1_000);
    expect([0, 10, 999].map((now) => recent.add(now))).toEqual([1, 2, 3]);
  });

  it('forgets each when its own time is over', () => {
    const recent = new RecentTimes(1_000);
    [0, 10].forEach((now) => recent.add(now));
    expect([1_000, 1_009, 1_010, 5_000].map((now) => recent.add(now))).toEqual([2, 3, 3, 1]);
  });
});
