import { describe, expect, it } from '@jest/globals';
import { asUser } from '../testing/principals.js';
import { refusalOf } from '../testing/refusal-of.js';
import { disabled, expired, OTHER_USER, OWNER, revoked, sampleToken, TOKEN, USER } from '../testing/sample-token.js';
import { decideRevokeToken } from './revoke-token.decide.js';

const command = { principal: asUser(USER), reason: 'lost laptop' };

describe('decideRevokeToken', () => {
  it.each([
    ['active', sampleToken()],
    ['disabled', sampleToken({}, [disabled])],
    ['expired', sampleToken({}, [expired])],
  ])('ends a token that is %s, with the reason', (_what, token) => {
    expect(decideRevokeToken(token, command)).toEqual([
      { type: 'TokenRevoked', data: { tokenUid: TOKEN, owner: OWNER, reason: 'lost laptop' } },
    ]);
  });

  it('P6: is silent for a revoked token, so that its first time and reason stand', () => {
    expect(decideRevokeToken(sampleToken({}, [revoked]), command)).toEqual([]);
  });

  it('does not know the token for those who may not see it', () => {
    const stranger = { ...command, principal: asUser(OTHER_USER) };
    expect(refusalOf(() => decideRevokeToken(sampleToken(), stranger))).toBe('not_found');
  });

  it('refuses those who see the token and do not manage it', () => {
    const auditor = { ...command, principal: asUser(OTHER_USER, { instanceRoles: ['auditor'] }) };
    expect(refusalOf(() => decideRevokeToken(sampleToken(), auditor))).toBe('permission_denied');
  });
});
