import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Position } from '#libs/event-log';
import { blockOf } from './projection.js';

describe('blockOf', () => {
  it('is exact, also for positions that no number holds', () => {
    const positions = fc.bigInt({ min: 0n, max: 2n ** 58n });
    fc.assert(
      fc.property(positions, fc.constantFrom(64, 65_536), (position, blockSize) => {
        const block = BigInt(blockOf(position as Position, blockSize));
        expect(block * BigInt(blockSize)).toBeLessThanOrEqual(position);
        expect((block + 1n) * BigInt(blockSize)).toBeGreaterThan(position);
      }),
      { examples: [[9_007_199_254_776_575n, 64]] },
    );
  });
});
