import { describe, expect, it } from '@jest/globals';
import { backOffMs } from './back-off.js';
import { BatchSize } from './batch-size.js';

describe('BatchSize', () => {
  it('grows while full batches are quick, up to four times its usual size', () => {
    const size = new BatchSize(2000);
    for (let n = 0; n < 5; n += 1) size.learn(size.limit, 50);
    expect(size.limit).toBe(8000);
  });

  it('stays as it is while batches are not full', () => {
    const size = new BatchSize(2000);
    size.learn(1999, 1);
    expect(size.limit).toBe(2000);
  });

  it('shrinks while batches are slow, down to a hundred events', () => {
    const size = new BatchSize(2000);
    size.learn(2000, 1001);
    expect(size.limit).toBe(1000);
    for (let n = 0; n < 9; n += 1) size.learn(1, 5000);
    expect(size.limit).toBe(100);
  });
});

describe('backOffMs', () => {
  it('doubles with every failure, up to ten seconds', () => {
    expect([1, 2, 3, 7, 8, 1000].map(backOffMs)).toEqual([100, 200, 400, 6400, 10_000, 10_000]);
  });
});
