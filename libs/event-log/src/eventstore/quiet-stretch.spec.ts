import { describe, expect, it } from '@jest/globals';
import type { Position } from '../position.js';
import { QuietStretch } from './quiet-stretch.js';

const at = (position: bigint) => position as Position;

describe('QuietStretch', () => {
  it('passes over what stood a lease before the stream was read to the end', () => {
    const quiet = new QuietStretch(1_000);
    expect(quiet.begin(at(500n), 0)).toBeNull();
    const stood = quiet.begin(at(900n), 1_000);
    expect(stood).toBe(500n);
    quiet.end(at(100n), stood);
    expect([99n, 100n, 499n, 500n, 700n].map((position) => quiet.skip(at(position)))).toEqual([
      99n,
      500n,
      500n,
      500n,
      700n,
    ]);
  });

  it('takes nothing for quiet that stood for less than a lease', () => {
    const quiet = new QuietStretch(1_000);
    quiet.begin(at(500n), 0);
    quiet.end(at(100n), quiet.begin(at(900n), 999));
    expect(quiet.skip(at(100n))).toBe(100n);
  });

  it('grows while the mark stays, and begins anew behind a later one', () => {
    const quiet = new QuietStretch(1_000);
    quiet.begin(at(500n), 0);
    quiet.begin(at(900n), 1_000);
    quiet.end(at(100n), quiet.begin(at(1_200n), 2_000));
    expect(quiet.skip(at(100n))).toBe(900n);
    quiet.end(at(1_000n), quiet.begin(at(1_500n), 3_000));
    expect(quiet.skip(at(100n))).toBe(100n);
    expect(quiet.skip(at(1_000n))).toBe(1_200n);
  });

  it('is none where the mark lies behind all that is known', () => {
    const quiet = new QuietStretch(1_000);
    quiet.begin(at(500n), 0);
    quiet.end(at(600n), quiet.begin(at(500n), 1_000));
    expect(quiet.skip(at(600n))).toBe(600n);
  });
});
