import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Fact } from '#libs/contracts';
import { DAY_MS } from '#libs/kernel';
import {
  CREATED_MS,
  disabled,
  expired,
  flaggedUnused,
  metadataAt,
  OWNER,
  revoked,
  sampleToken,
  TOKEN,
  USER,
} from '../testing/sample-token.js';
import { evolveToken, initialToken } from './evolve-token.js';
import { isLiveAt, statusAt } from './token.js';

const enabled: Fact = { type: 'TokenEnabled', data: { tokenUid: TOKEN, owner: OWNER, reason: null } };
const cleared: Fact = {
  type: 'TokenUnusedCleared',
  data: { tokenUid: TOKEN, owner: OWNER, usedAt: '2026-12-30T00:00:00.000Z' },
};
const prolonged: Fact = {
  type: 'TokenUpdated',
  data: {
    tokenUid: TOKEN,
    owner: OWNER,
    changes: { expiresAt: { before: '2027-02-23T08:00:00.000Z', after: '2027-11-01T00:00:00.000Z' } },
  },
};
const EXPIRES_MS = Date.parse('2027-02-23T08:00:00.000Z');

describe('the fold of a token', () => {
  it('holds what verification needs, the verifier from the private part included', () => {
    const token = sampleToken();
    expect(token).toMatchObject({ uid: TOKEN, owner: OWNER, scopes: ['*'], createdBy: { type: 'user', uid: USER } });
    expect(token.secretVersions).toEqual([
      {
        version: 1,
        keyId: '0123456789ABCDEf',
        verifier: 'ab'.repeat(32),
        pepperId: '01234567',
        createdAt: '2026-11-25T08:00:00.000Z',
        retiresAt: null,
      },
    ]);
  });

  it('E2: follows the clock: a token expires at its instant, recorded or not', () => {
    const token = sampleToken();
    expect(statusAt(token, EXPIRES_MS - 1)).toBe('active');
    expect(statusAt(token, EXPIRES_MS)).toBe('expired');
    expect(statusAt(sampleToken({}, [expired]), CREATED_MS)).toBe('expired');
  });

  it('never expires where no expiry is set', () => {
    expect(statusAt(sampleToken({ expiresAt: null }), Number.MAX_SAFE_INTEGER)).toBe('active');
  });

  it('moves the expiry with TokenUpdated, and takes the clock from there', () => {
    const token = sampleToken({}, [prolonged]);
    expect(isLiveAt(token, EXPIRES_MS)).toBe(true);
    expect(statusAt(token, Date.parse('2027-11-01T00:00:00.000Z'))).toBe('expired');
  });

  it('disables and enables', () => {
    expect(statusAt(sampleToken({}, [disabled]), CREATED_MS)).toBe('disabled');
    expect(statusAt(sampleToken({}, [disabled, enabled]), CREATED_MS)).toBe('active');
  });

  it('flags a token unused since its creation or its last use, until it is cleared', () => {
    expect(sampleToken({}, [flaggedUnused]).unusedSince).toBe('2026-11-25T08:00:00.000Z');
    expect(sampleToken({}, [flaggedUnused, cleared]).unusedSince).toBeNull();
  });

  it('remembers by whom, when and why a token was revoked', () => {
    expect(sampleToken({}, [revoked], CREATED_MS + DAY_MS)).toMatchObject({
      phase: 'revoked',
      revokedAt: '2026-11-26T08:00:00.000Z',
      revokedBy: { type: 'user', uid: USER },
      revokeReason: 'leaked',
    });
  });

  it('lets an expired token be revoked', () => {
    expect(statusAt(sampleToken({}, [expired, revoked]), CREATED_MS)).toBe('revoked');
  });

  it('never makes a revoked token good again, whatever events follow', () => {
    const later = fc.array(fc.constantFrom(disabled, enabled, expired, flaggedUnused, cleared, prolonged, revoked));
    const token = sampleToken({}, [revoked]);
    fc.assert(
      fc.property(later, (facts) => {
        expect(sampleToken({}, [revoked, ...facts])).toEqual(token);
      }),
    );
  });

  it('takes no event before TokenCreated, no second one, and none that is not of a token', () => {
    const metadata = metadataAt(CREATED_MS);
    expect(() => evolveToken(initialToken, { ...revoked, metadata })).toThrow('comes after TokenCreated');
    const slot: Fact = { type: 'TokenSlotReleased', data: { ownerUid: USER, tokenUid: TOKEN } };
    expect(() => evolveToken(sampleToken(), { ...slot, metadata })).toThrow('not an event of a token');
  });
});
