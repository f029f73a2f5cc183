import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Position } from '../position.js';
import { KnownPositions } from './known-positions.js';

const at = (position: number): Position => BigInt(position) as Position;

describe('KnownPositions', () => {
  it('know nothing before the first', () => {
    const known = new KnownPositions();
    known.note(at(500));
    expect(known.floor(at(499))).toBe(0n);
    expect(known.floor(at(500))).toBe(500n);
    expect(known.floor(at(1_000_000))).toBe(500n);
  });

  it('never give a position that is none, or lies behind, however many there are and in whatever order they come', () => {
    const positions = fc.array(fc.nat({ max: 100_000_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(positions, fc.nat({ max: 100_000_000 }), (noted, asked) => {
        const known = new KnownPositions(16);
        for (const position of noted) known.note(at(position));
        const floor = Number(known.floor(at(asked)));
        expect(floor === 0 || noted.includes(floor)).toBe(true);
        expect(floor).toBeLessThanOrEqual(asked);
      }),
    );
  });

  it('stay few, and spread over the whole log', () => {
    const known = new KnownPositions(64);
    for (let position = 1; position <= 100_000_000; position += 10_007) known.note(at(position));
    for (let asked = 10_000_000; asked <= 100_000_000; asked += 9_999_999) {
      expect(Number(known.floor(at(asked)))).toBeGreaterThan(asked - 10_000_000);
    }
  });
});
