import { Type } from '@sinclair/typebox';
import { eventContract } from './event-contract.js';
import { access, changes, handle, instant, nullable, owner, reason, sha256Hex, tokenUid } from './fields.js';

const TOKEN = 'tok_01JD00000000000000000000TK';
const OWNER = { type: 'user', uid: 'usr_01JD00000000000000000000VS' } as const;
const AT = '2026-11-25T08:00:00.000Z';
const stream = 'token-<uid>';

export const tokenCreated = eventContract({
  type: 'TokenCreated',
  version: 1,
  stream,
  writtenWhen: 'A token is created. The keyed hash of its secret is in the private part.',
  guarantees: 'First event of its stream. In PostgreSQL in one commit with TokenSlotTaken.',
  schema: Type.Object({
    tokenUid,
    type: Type.Union([
      Type.Literal('personal'),
      Type.Literal('organization'),
      Type.Literal('admin'),
      Type.Literal('client'),
      Type.Literal('frontend'),
      Type.Literal('monitoring'),
    ]),
    owner,
    handle,
    name: Type.String(),
    description: Type.String(),
    access,
    scopes: Type.Array(Type.String()),
    projects: Type.Array(Type.String()),
    environment: nullable(Type.String()),
    organizations: nullable(Type.Array(Type.String()), 'Organizations it is narrowed to; null: all of its owner.'),
    allowedIps: nullable(Type.Array(Type.String()), 'CIDR blocks it may be used from; null: anywhere.'),
    expiresAt: nullable(instant, 'When it stops to be accepted; null: never.'),
    neverReason: reason,
    custody: Type.Union([Type.Literal('sealed'), Type.Literal('recoverable')]),
    metadata: Type.Record(Type.String(), Type.String()),
    keyId: Type.String({ pattern: '^[0-9A-Za-z]{16}$', description: 'Index part of the token string; not secret.' }),
    prefix: Type.String({ description: 'What lists, logs and errors show.' }),
    secretVersion: Type.Integer({ minimum: 1 }),
  }),
  example: {
    tokenUid: TOKEN,
    type: 'personal',
    owner: OWNER,
    handle: 'ci-deploy',
    name: 'CI deploy',
    description: 'Deploys from the pipeline',
    access: { operations: true, endpoints: 'all' },
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
  },
});

/** The private part of TokenCreated: never exported, never listed. */
export const tokenCreatedPrivate = Type.Object({
  verifier: Type.String({ description: 'HMAC-SHA-256 of the token string under the pepper, hexadecimal.' }),
  pepperId: Type.String(),
});

export const tokenUpdated = eventContract({
  type: 'TokenUpdated',
  version: 1,
  stream,
  writtenWhen: 'Name, description, access, scopes, organizations, addresses or expiry of a live token change.',
  guarantees: 'Only fields that differ are listed.',
  schema: Type.Object({ tokenUid, owner, changes }),
  example: { tokenUid: TOKEN, owner: OWNER, changes: { name: { before: 'CI', after: 'CI deploy' } } },
});

export const tokenRevoked = eventContract({
  type: 'TokenRevoked',
  version: 1,
  stream,
  writtenWhen: 'A person or a policy ends a token.',
  guarantees: 'At most once in a stream; final. Every check that starts after its acknowledgement refuses the token.',
  schema: Type.Object({ tokenUid, owner, reason }),
  example: { tokenUid: TOKEN, owner: OWNER, reason: 'leaked in a chat' },
});

export const tokenDisabled = eventContract({
  type: 'TokenDisabled',
  version: 1,
  stream,
  writtenWhen: 'A live token is switched off for a while.',
  guarantees: 'Reversible by TokenEnabled.',
  schema: Type.Object({ tokenUid, owner, reason }),
  example: { tokenUid: TOKEN, owner: OWNER, reason: 'under investigation' },
});

export const tokenEnabled = eventContract({
  type: 'TokenEnabled',
  version: 1,
  stream,
  writtenWhen: 'A disabled token is switched on again.',
  guarantees: 'Only after TokenDisabled.',
  schema: Type.Object({ tokenUid, owner, reason }),
  example: { tokenUid: TOKEN, owner: OWNER, reason: null },
});

export const tokenExpired = eventContract({
  type: 'TokenExpired',
  version: 1,
  stream,
  writtenWhen: 'The expiry job finds a token whose instant has passed.',
  guarantees: 'At most once in a stream; final. The token was refused from `expiresAt` on, whenever this was recorded.',
  schema: Type.Object({ tokenUid, owner, expiresAt: instant }),
  example: { tokenUid: TOKEN, owner: OWNER, expiresAt: AT },
});

export const tokenFlaggedUnused = eventContract({
  type: 'TokenFlaggedUnused',
  version: 1,
  stream,
  writtenWhen: 'The unused job finds a live token without use for the number of days in force.',
  guarantees: 'At most once until TokenUnusedCleared. The token still works.',
  schema: Type.Object({
    tokenUid,
    owner,
    lastUsedAt: nullable(instant, 'Null: never used.'),
    thresholdDays: Type.Integer({ minimum: 1, description: 'Days without use that were allowed.' }),
  }),
  example: { tokenUid: TOKEN, owner: OWNER, lastUsedAt: null, thresholdDays: 30 },
});

export const tokenUnusedCleared = eventContract({
  type: 'TokenUnusedCleared',
  version: 1,
  stream,
  writtenWhen: 'A flagged token is used again.',
  guarantees: 'Only after TokenFlaggedUnused.',
  schema: Type.Object({ tokenUid, owner, usedAt: instant }),
  example: { tokenUid: TOKEN, owner: OWNER, usedAt: AT },
});

const slotFields = { ownerUid: Type.String(), tokenUid };

export const tokenSlotTaken = eventContract({
  type: 'TokenSlotTaken',
  version: 1,
  stream: 'owner-<uid>',
  writtenWhen: 'A token is created, or the expiry of a live token moves.',
  guarantees: 'The limit of active tokens and the uniqueness of handles are decided on this stream.',
  schema: Type.Object({ ...slotFields, type: Type.String(), handle, expiresAt: nullable(instant) }),
  example: { ownerUid: OWNER.uid, tokenUid: TOKEN, type: 'personal', handle: 'ci-deploy', expiresAt: null },
});

export const tokenSlotReleased = eventContract({
  type: 'TokenSlotReleased',
  version: 1,
  stream: 'owner-<uid>',
  writtenWhen: 'A token is revoked or recorded as expired.',
  guarantees: 'An expired token frees its slot by the clock, whether this was recorded or not.',
  schema: Type.Object(slotFields),
  example: { ownerUid: OWNER.uid, tokenUid: TOKEN },
});

export const IDEMPOTENCY_FIELDS = {
  idempotencyKeyHash: nullable(sha256Hex, 'SHA-256 of caller and key; null: no key was given.'),
  fingerprint: nullable(sha256Hex, 'SHA-256 of the canonical request, to tell a retry from a reused key.'),
};
