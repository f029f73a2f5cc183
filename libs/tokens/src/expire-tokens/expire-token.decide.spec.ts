import { describe, expect, it } from '@jest/globals';
import { disabled, expired, OWNER, revoked, sampleToken, TOKEN } from '../testing/sample-token.js';
import { decideExpireToken } from './expire-token.decide.js';

const EXPIRES_AT = '2027-02-23T08:00:00.000Z';
const at = Date.parse(EXPIRES_AT);

describe('decideExpireToken', () => {
  it.each([
    ['active', sampleToken()],
    ['disabled', sampleToken({}, [disabled])],
  ])('E2: records the expiry of a token that is %s, from its instant on', (_what, token) => {
    expect(decideExpireToken(token, { at })).toEqual([
      { type: 'TokenExpired', data: { tokenUid: TOKEN, owner: OWNER, expiresAt: EXPIRES_AT } },
    ]);
  });

  it.each([
    ['has a millisecond left', sampleToken(), at - 1],
    ['never expires', sampleToken({ expiresAt: null }), Number.MAX_SAFE_INTEGER],
    ['is recorded as expired', sampleToken({}, [expired]), at],
    ['is revoked', sampleToken({}, [revoked]), at],
  ])('is silent for a token that %s', (_what, token, now) => {
    expect(decideExpireToken(token, { at: now })).toEqual([]);
  });
});
