import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SPAN_MS, SPAN_PREFIX, spanOf } from './entry-terms.js';

const instants = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

describe('spanOf', () => {
  it('counts ten minutes, whatever was asked for before', () => {
    const asked = fc.array(fc.tuple(instants, fc.nat(2 * SPAN_MS)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(asked, (pairs) => {
        for (const [date, laterMs] of pairs) {
          for (const ms of [date.getTime(), date.getTime() + laterMs]) {
            expect(spanOf(new Date(ms).toISOString())).toBe(Math.floor(ms / SPAN_MS));
          }
        }
      }),
    );
  });

  it('begins all instants of a span, and no other, alike', () => {
    const prefixOf = (ms: number) => new Date(ms).toISOString().slice(0, SPAN_PREFIX);
    fc.assert(
      fc.property(instants, fc.nat(2 * SPAN_MS), (date, laterMs) => {
        const ms = date.getTime();
        const later = ms + laterMs;
        const isSame = Math.floor(ms / SPAN_MS) === Math.floor(later / SPAN_MS);
        expect(prefixOf(ms) === prefixOf(later)).toBe(isSame);
      }),
    );
  });

  it('knows an instant with another offset', () => {
    expect(spanOf('2026-11-30T12:05:00+01:00')).toBe(spanOf('2026-11-30T11:05:00.000Z'));
  });
});
