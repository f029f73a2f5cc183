import { describe, expect, it } from '@jest/globals';
import { toInstant } from '#libs/kernel';
import { asUser } from '../testing/principals.js';
import { refusalOf } from '../testing/refusal-of.js';
import { CREATED_MS, disabled, OTHER_USER, OWNER, revoked, sampleToken, TOKEN, USER } from '../testing/sample-token.js';
import { decideDisableToken } from './disable-token.decide.js';

const command = { principal: asUser(USER), reason: 'incident 7' };
const at = { at: CREATED_MS + 2_000 };

describe('decideDisableToken', () => {
  it('switches a live token off, with the reason', () => {
    expect(decideDisableToken(sampleToken(), command, at)).toEqual([
      { type: 'TokenDisabled', data: { tokenUid: TOKEN, owner: OWNER, reason: 'incident 7' } },
    ]);
  });

  it('is silent for a token that is off', () => {
    expect(decideDisableToken(sampleToken({}, [disabled]), command, at)).toEqual([]);
  });

  it.each([
    ['revoked', sampleToken({}, [disabled, revoked])],
    ['expired by the clock', sampleToken({ expiresAt: toInstant(CREATED_MS + 2_000) }, [disabled])],
  ])('refuses a token that is %s', (_what, token) => {
    expect(refusalOf(() => decideDisableToken(token, command, at))).toBe('token_not_active');
  });

  it('does not know the token for those who may not see it', () => {
    const stranger = { ...command, principal: asUser(OTHER_USER) };
    expect(refusalOf(() => decideDisableToken(sampleToken(), stranger, at))).toBe('not_found');
  });
});
