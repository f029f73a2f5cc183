import { describe, expect, it } from '@jest/globals';
import { DEFAULT_SETTINGS, type MemberRole } from '#libs/contracts';
import { DAY_MS, toInstant } from '#libs/kernel';
import { asUser } from '../testing/principals.js';
import { refusalOf } from '../testing/refusal-of.js';
import {
  CREATED_MS,
  disabled,
  expired,
  ORGANIZATION,
  OTHER_ORGANIZATION,
  OTHER_USER,
  OWNER,
  revoked,
  sampleToken,
  TOKEN,
  USER,
} from '../testing/sample-token.js';
import type { TokenPatch } from './update-token.command.js';
import { decideUpdateToken } from './update-token.decide.js';

const memberships = new Map<string, MemberRole>([[ORGANIZATION, 'developer']]);
const at = CREATED_MS + 30 * DAY_MS;

function decide(data: TokenPatch, token = sampleToken(), principal = asUser(USER)) {
  return decideUpdateToken({ token, settings: DEFAULT_SETTINGS, memberships }, { principal, data }, { at });
}

describe('decideUpdateToken', () => {
  it('lists before and after of what differs, and of nothing else', () => {
    const data = { name: 'Deploy', description: '', scopes: ['models:*'], access: { endpoints: 'all' } } as const;
    expect(decide(data)).toEqual([
      {
        type: 'TokenUpdated',
        data: {
          tokenUid: TOKEN,
          owner: OWNER,
          changes: {
            name: { before: 'CI deploy', after: 'Deploy' },
            access: { before: { operations: true, endpoints: [] }, after: { operations: true, endpoints: 'all' } },
            scopes: { before: ['*'], after: ['models:*'] },
          },
        },
      },
    ]);
  });

  it('is silent when nothing differs', () => {
    expect(decide({})).toEqual([]);
    const same = { name: 'CI deploy', scopes: ['*', '*'], access: { operations: true }, allowedIps: null };
    expect(decide({ ...same, organizations: null, expiresAt: '2027-02-23T08:00:00Z' })).toEqual([]);
  });

  it('counts the longest lifetime from now, so that an expiry can be moved on', () => {
    const latest = toInstant(at + 365 * DAY_MS);
    const [fact] = decide({ expiresAt: latest });
    expect(fact?.data.changes).toEqual({ expiresAt: { before: '2027-02-23T08:00:00.000Z', after: latest } });
    expect(refusalOf(() => decide({ expiresAt: toInstant(at + 365 * DAY_MS + 1) }))).toBe('expiry_too_long expiresAt');
  });

  it('records why a token need not expire any more, and forgets it when it does again', () => {
    const never = { expiresIn: 'never', neverReason: 'a device' };
    expect(decide(never)[0]?.data.changes).toMatchObject({
      expiresAt: { after: null },
      neverReason: { before: null, after: 'a device' },
    });
    const token = sampleToken({ expiresAt: null, neverReason: 'a device' });
    expect(decide({ expiresIn: '7d' }, token)[0]?.data.changes['neverReason']).toEqual({
      before: 'a device',
      after: null,
    });
  });

  it('lifts restrictions with null', () => {
    const token = sampleToken({ organizations: [ORGANIZATION], allowedIps: ['::1'] });
    expect(decide({ organizations: null, allowedIps: null }, token)[0]?.data.changes).toEqual({
      organizations: { before: [ORGANIZATION], after: null },
      allowedIps: { before: ['::1'], after: null },
    });
  });

  it('changes a disabled token', () => {
    expect(decide({ name: 'x' }, sampleToken({}, [disabled]))).toHaveLength(1);
  });

  it.each([
    ['revoked', sampleToken({}, [revoked])],
    ['recorded as expired', sampleToken({}, [expired])],
    ['expired by the clock alone', sampleToken({ expiresAt: toInstant(at) })],
  ])('refuses a token that is %s, even to prolong it', (_what, token) => {
    expect(refusalOf(() => decide({ expiresIn: '30d' }, token))).toBe('token_not_active');
  });

  it('refuses to leave a token without any access', () => {
    expect(refusalOf(() => decide({ access: { operations: false } }))).toBe('validation_failed access');
  });

  it('refuses an organization that the owner is not a member of', () => {
    const data = { organizations: [OTHER_ORGANIZATION] };
    expect(refusalOf(() => decide(data))).toBe('validation_failed organizations');
  });

  it('does not know the token for those who may not see it', () => {
    expect(refusalOf(() => decide({ name: 'x' }, sampleToken(), asUser(OTHER_USER)))).toBe('not_found');
  });
});
