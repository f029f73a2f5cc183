import { type EventData, type EventMetadata, type Fact } from '#libs/contracts';
import { toInstant } from '#libs/kernel';
import { evolveToken, initialToken } from '../domain/evolve-token.js';
import type { BornToken } from '../domain/token.js';

export const TOKEN = 'tok_01JD00000000000000000000TK';
export const USER = 'usr_01JD00000000000000000000VS';
export const OTHER_USER = 'usr_01JD0000000000000000000THR';
export const ORGANIZATION = 'org_01JD00000000000000000000RG';
export const OTHER_ORGANIZATION = 'org_01JD0000000000000000000THR';
export const OWNER = { type: 'user', uid: USER } as const;
/** 2026-11-25T08:00:00.000Z, when the sample token is created. */
export const CREATED_MS = Date.parse('2026-11-25T08:00:00.000Z');

/** Metadata of an event that the user made at an instant. */
export function metadataAt(atMs: number): EventMetadata {
  return { occurredAt: toInstant(atMs), actorType: 'user', actorUid: USER };
}

export const sampleCreated: EventData<'TokenCreated'> = {
  tokenUid: TOKEN,
  type: 'personal',
  owner: OWNER,
  handle: 'ci-deploy',
  name: 'CI deploy',
  description: '',
  access: { operations: true, endpoints: [] },
  scopes: ['*'],
  projects: ['*'],
  environment: null,
  organizations: null,
  allowedIps: null,
  expiresAt: '2027-02-23T08:00:00.000Z',
  neverReason: null,
  custody: 'sealed',
  metadata: {},
  keyId: '0123456789ABCDEf',
  prefix: 'tlp_01234567',
  secretVersion: 1,
};

/** The sample token, with other content where given, after facts that happened at `atMs`. */
export function sampleToken(
  over: Partial<EventData<'TokenCreated'>> = {},
  facts: readonly Fact[] = [],
  atMs = CREATED_MS + 1_000,
): BornToken {
  const created = evolveToken(initialToken, {
    type: 'TokenCreated',
    data: { ...sampleCreated, ...over },
    metadata: metadataAt(CREATED_MS),
    private: { verifier: 'ab'.repeat(32), pepperId: '01234567' },
  });
  const metadata = metadataAt(atMs);
  return facts.reduce((token, fact) => evolveToken(token, { ...fact, metadata }), created) as BornToken;
}

export const revoked: Fact = { type: 'TokenRevoked', data: { tokenUid: TOKEN, owner: OWNER, reason: 'leaked' } };
export const disabled: Fact = { type: 'TokenDisabled', data: { tokenUid: TOKEN, owner: OWNER, reason: null } };
export const expired: Fact = {
  type: 'TokenExpired',
  data: { tokenUid: TOKEN, owner: OWNER, expiresAt: '2027-02-23T08:00:00.000Z' },
};
export const flaggedUnused: Fact = {
  type: 'TokenFlaggedUnused',
  data: { tokenUid: TOKEN, owner: OWNER, lastUsedAt: null, thresholdDays: 30 },
};
