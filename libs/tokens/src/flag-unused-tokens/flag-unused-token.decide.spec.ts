import { describe, expect, it } from '@jest/globals';
import { DAY_MS, toInstant } from '#libs/kernel';
import { CREATED_MS, expired, flaggedUnused, OWNER, revoked, sampleToken, TOKEN } from '../testing/sample-token.js';
import { decideFlagUnusedToken } from './flag-unused-token.decide.js';

const settings = { unusedAfterDays: 60, neverUsedAfterDays: 30 };
const day = (days: number): number => CREATED_MS + days * DAY_MS;
const decide = (lastUsedAt: string | null, at: number, token = sampleToken()) =>
  decideFlagUnusedToken({ token, settings }, { lastUsedAt }, { at });

describe('E3: decideFlagUnusedToken', () => {
  it('flags a token that was never used, from the day in force on', () => {
    expect(decide(null, day(30) - 1)).toEqual([]);
    expect(decide(null, day(30))).toEqual([
      { type: 'TokenFlaggedUnused', data: { tokenUid: TOKEN, owner: OWNER, lastUsedAt: null, thresholdDays: 30 } },
    ]);
  });

  it('flags a used token by its last use, from the day in force on', () => {
    const lastUsedAt = toInstant(day(5));
    expect(decide(lastUsedAt, day(65) - 1)).toEqual([]);
    expect(decide(lastUsedAt, day(65))).toEqual([
      { type: 'TokenFlaggedUnused', data: { tokenUid: TOKEN, owner: OWNER, lastUsedAt, thresholdDays: 60 } },
    ]);
  });

  it.each([
    ['is flagged already', sampleToken({}, [flaggedUnused])],
    ['is revoked', sampleToken({}, [revoked])],
    ['is recorded as expired', sampleToken({}, [expired])],
    ['has expired by the clock', sampleToken({ expiresAt: toInstant(day(40)) })],
  ])('is silent for a token that %s', (_what, token) => {
    expect(decide(null, day(40), token)).toEqual([]);
  });
});
