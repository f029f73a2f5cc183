import { describe, expect, it } from '@jest/globals';
import { toInstant } from './clock.js';
import { parseInstant } from './parse-instant.js';

const parsed = (text: string) => {
  const epochMs = parseInstant(text);
  return epochMs === null ? null : toInstant(epochMs);
};

describe('parseInstant', () => {
  it.each([
    ['2026-11-25', '2026-11-25T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2026-11-25T08:00:00Z', '2026-11-25T08:00:00.000Z'],
    ['2026-11-25t08:00:00.1234z', '2026-11-25T08:00:00.123Z'],
    ['2026-11-25T08:00:00+05:30', '2026-11-25T02:30:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('reads %s', (text, instant) => {
    expect(parsed(text)).toBe(instant);
  });

  it.each([
    '',
    'tomorrow',
    '2026-11-25T08:00:00',
    '2026-11-25 08:00:00Z',
    '2026-02-30',
    '2027-02-29T00:00:00Z',
    '2026-13-01',
    '2026-11-25T24:00:00Z',
    '2026-11-25T08:00:60Z',
    '9999-12-31T23:59:59-00:01',
    '0000-01-01T00:00:00+00:01',
    '1764057600000',
  ])('refuses %p', (text) => {
    expect(parseInstant(text)).toBeNull();
  });
});
