import { describe, expect, it } from '@jest/globals';
import { toInstant } from '#libs/kernel';
import { CREATED_MS, flaggedUnused, OWNER, revoked, sampleToken, TOKEN } from '../testing/sample-token.js';
import { decideClearUnusedToken } from './clear-unused-token.decide.js';

const usedAt = toInstant(CREATED_MS + 5_000);
const at = { at: CREATED_MS + 6_000 };

describe('E3: decideClearUnusedToken', () => {
  it('takes the flag off a token that was used since', () => {
    expect(decideClearUnusedToken(sampleToken({}, [flaggedUnused]), { usedAt }, at)).toEqual([
      { type: 'TokenUnusedCleared', data: { tokenUid: TOKEN, owner: OWNER, usedAt } },
    ]);
  });

  it.each([
    ['is not flagged', sampleToken(), usedAt],
    ['was last used before it was flagged', sampleToken({}, [flaggedUnused]), toInstant(CREATED_MS)],
    ['has ended', sampleToken({}, [flaggedUnused, revoked]), usedAt],
  ])('is silent for a token that %s', (_what, token, use) => {
    expect(decideClearUnusedToken(token, { usedAt: use }, at)).toEqual([]);
  });
});
