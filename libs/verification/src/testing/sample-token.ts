import { evolveToken, initialToken, type BornToken } from '#libs/tokens/domain';

const OWNER = { type: 'organization', uid: `org_${'1'.repeat(26)}` } as const;
export const uidOf = (number: number): string => `tok_${String(number).padStart(26, '0')}`;
export const keyOf = (number: number): string => `k${String(number).padStart(15, '0')}`;

/** The token of a number, organization's and good for ever, but for what `over` says. */
export function sampleToken(number: number, over: Partial<BornToken> = {}): BornToken {
  const state = evolveToken(initialToken, {
    type: 'TokenCreated',
    data: {
      tokenUid: uidOf(number),
      type: 'organization',
      owner: OWNER,
      handle: `t-${number}`,
      name: `Token ${number}`,
      description: '',
      access: { operations: false, endpoints: 'all' },
      scopes: ['*'],
      projects: ['*'],
      environment: null,
      organizations: null,
      allowedIps: null,
      expiresAt: null,
      neverReason: 'a test',
      custody: 'sealed',
      metadata: {},
      keyId: keyOf(number),
      prefix: 'tlo_12345678',
      secretVersion: 1,
    },
    metadata: { occurredAt: '2026-11-25T08:00:00.000Z', actorType: 'system', actorUid: 'system' },
    private: { verifier: 'ab'.repeat(32), pepperId: '01234567' },
  });
  return { ...(state as BornToken), ...over } as BornToken;
}
