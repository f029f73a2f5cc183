import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { minuteOf, tenMinutesOf } from './entry-terms.js';

const MINUTE_MS = 60_000;
const instants = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

describe('minuteOf', () => {
  it('counts minutes, whatever was asked for before', () => {
    const asked = fc.array(fc.tuple(instants, fc.nat(20 * MINUTE_MS)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(asked, (pairs) => {
        for (const [date, laterMs] of pairs) {
          for (const ms of [date.getTime(), date.getTime() + laterMs]) {
            const instant = new Date(ms).toISOString();
            expect(minuteOf(instant)).toBe(Math.floor(ms / MINUTE_MS));
            expect(tenMinutesOf(instant)).toBe(Math.floor(ms / MINUTE_MS / 10));
          }
        }
      }),
    );
  });

  it('is an integer of 32 bits, as late as anybody asks', () => {
    expect(minuteOf('9999-12-31T23:59:59.999Z')).toBe(2 ** 31 - 1);
  });

  it('knows an instant with another offset', () => {
    expect(minuteOf('2026-11-30T12:05:00+01:00')).toBe(minuteOf('2026-11-30T11:05:00.000Z'));
  });
});
