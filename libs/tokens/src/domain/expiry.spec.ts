import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS, type LedgerSettings } from '#libs/contracts';
import { refusalOf } from '../testing/refusal-of.js';
import { type ExpiryWish, resolveExpiry } from './expiry.js';

const AT = Date.parse('2026-11-25T08:00:00.000Z');

function refusal(wish: ExpiryWish, settings: Partial<LedgerSettings> = {}): string {
  return refusalOf(() => resolveExpiry(wish, { ...DEFAULT_SETTINGS, ...settings }, AT));
}

describe('the expiry of a token', () => {
  it.each([
    [{ expiresIn: '24h' }, '2026-11-26T08:00:00.000Z'],
    [{ expiresIn: '7d' }, '2026-12-02T08:00:00.000Z'],
    [{ expiresIn: '1w' }, '2026-12-02T08:00:00.000Z'],
    [{ expiresIn: '90s' }, '2026-11-25T08:01:30.000Z'],
    [{ expiresIn: '365d' }, '2027-11-25T08:00:00.000Z'],
    [{ expiresAt: '2027-01-31' }, '2027-01-31T00:00:00.000Z'],
    [{ expiresAt: '2027-01-31T01:00:00+02:00' }, '2027-01-30T23:00:00.000Z'],
    [{ expiresAt: '2027-01-31t01:00:00.5z' }, '2027-01-31T01:00:00.500Z'],
    [{ expiresAt: '2027-11-25T08:00:00Z' }, '2027-11-25T08:00:00.000Z'],
    [{}, '2027-02-23T08:00:00.000Z'],
  ])('B14: %j is stored as %s', (wish, expiresAt) => {
    expect(resolveExpiry(wish, DEFAULT_SETTINGS, AT)).toEqual({ expiresAt, neverReason: null });
  });

  it('is the longest lifetime allowed where that is less than 90 days and nothing is said', () => {
    const settings = { ...DEFAULT_SETTINGS, maxLifetimeDays: 7 };
    expect(resolveExpiry({}, settings, AT).expiresAt).toBe('2026-12-02T08:00:00.000Z');
  });

  it('is never, with a reason, where the settings allow it', () => {
    const wish = { expiresIn: 'never', neverReason: 'hardware in the field' };
    expect(resolveExpiry(wish, DEFAULT_SETTINGS, AT)).toEqual({ expiresAt: null, neverReason: wish.neverReason });
  });

  it.each<[string, ExpiryWish, string]>([
    ['both ways of saying it', { expiresIn: '7d', expiresAt: '2027-01-01' }, 'validation_failed expiresAt'],
    ['never without a reason', { expiresIn: 'never' }, 'validation_failed neverReason'],
    ['never with a blank reason', { expiresIn: 'never', neverReason: ' ' }, 'validation_failed neverReason'],
    ['a reason without never', { expiresIn: '7d', neverReason: 'x' }, 'validation_failed neverReason'],
    ['no duration', { expiresIn: 'soon' }, 'validation_failed expiresIn'],
    ['a duration of nothing', { expiresIn: '0d' }, 'validation_failed expiresIn'],
    ['a duration too long', { expiresIn: '366d' }, 'expiry_too_long expiresIn'],
    ['a huge duration', { expiresIn: '999999w' }, 'expiry_too_long expiresIn'],
    ['no instant', { expiresAt: 'tomorrow' }, 'validation_failed expiresAt'],
    ['an instant without an offset', { expiresAt: '2027-01-01T00:00:00' }, 'validation_failed expiresAt'],
    ['a day that no month has', { expiresAt: '2027-02-30' }, 'validation_failed expiresAt'],
    ['a leap day of another year', { expiresAt: '2027-02-29T00:00:00Z' }, 'validation_failed expiresAt'],
    ['an hour that no day has', { expiresAt: '2027-02-01T24:00:00Z' }, 'validation_failed expiresAt'],
    ['beyond the last year', { expiresAt: '9999-12-31T23:59:59-23:59' }, 'validation_failed expiresAt'],
    ['now', { expiresAt: '2026-11-25T08:00:00Z' }, 'expiry_in_past expiresAt'],
    ['today, which has begun', { expiresAt: '2026-11-25' }, 'expiry_in_past expiresAt'],
    ['a millisecond too far', { expiresAt: '2027-11-25T08:00:00.001Z' }, 'expiry_too_long expiresAt'],
  ])('refuses %s', (_what, wish, expected) => {
    expect(refusal(wish)).toBe(expected);
  });

  it('P2: refuses never where the settings forbid it, whatever the reason', () => {
    const wish = { expiresIn: 'never', neverReason: 'please' };
    expect(refusal(wish, { neverExpires: 'forbidden' })).toBe('never_not_allowed');
  });
});
