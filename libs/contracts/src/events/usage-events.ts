import { Type } from '@sinclair/typebox';
import { uuidFrom } from '#libs/kernel';
import { eventContract } from './event-contract.js';
import { accountUid, amount, chargeUid, nullable, owner, tokenUid, useId } from './fields.js';
import { IDEMPOTENCY_FIELDS } from './token-events.js';

const stream = 'usage-<node>-<boot>';
const TOKEN = 'tok_01JD00000000000000000000TK';
const USER = 'usr_01JD00000000000000000000VS';
const optionalText = nullable(Type.String());

const request = {
  operation: optionalText,
  scope: optionalText,
  resource: optionalText,
  project: optionalText,
  environment: optionalText,
  requester: nullable(Type.String(), 'Organization that the request named to be charged.'),
  ip: optionalText,
  userAgent: optionalText,
};

export const tokenUsed = eventContract({
  type: 'TokenUsed',
  version: 1,
  stream,
  writtenWhen: 'A check accepts a token; durably appended before the answer.',
  guarantees:
    'Exactly one for each charge of a use, with the same `useId`. Kept for ever today: there is no setting that drops uses.',
  schema: Type.Object({
    useId,
    tokenUid,
    tokenPrefix: Type.String(),
    owner,
    principal: Type.String({ description: 'Uid of the user or organization that the token authenticates.' }),
    payer: nullable(accountUid, 'Account that pays; null for a token of the installation, whose uses are free.'),
    cost: amount,
    chargeUid: nullable(chargeUid, 'Null: a free use.'),
    ...request,
    ...IDEMPOTENCY_FIELDS,
  }),
  example: {
    useId: 'use_01JD00000000000000000000VS',
    tokenUid: TOKEN,
    tokenPrefix: 'tlp_01234567',
    owner: { type: 'user', uid: USER },
    principal: USER,
    payer: 'org_01JD00000000000000000000RG',
    cost: '3',
    chargeUid: 'chg_01JD00000000000000000000CH',
    operation: 'pipeline.run',
    scope: 'models:invoke',
    resource: 'deployment:hello',
    project: null,
    environment: null,
    requester: 'org_01JD00000000000000000000RG',
    ip: '203.0.113.7',
    userAgent: 'curl/8',
    idempotencyKeyHash: null,
    fingerprint: null,
  },
});

/** Id of the event that records a use which was charged: whoever writes it gives it the same one. */
export const chargedUseEventId = (useId: string): string => uuidFrom('TokenUsed', useId);

export const tokenUseDenied = eventContract({
  type: 'TokenUseDenied',
  version: 1,
  stream,
  writtenWhen:
    'A check refuses a token. Of a known token each refusal; where no token can be named, the first per source and ' +
    'minute, and one more with the count of the rest.',
  guarantees: 'A refused use never costs.',
  schema: Type.Object({
    tokenUid: nullable(tokenUid, 'Null: no token could be named.'),
    tokenPrefix: optionalText,
    owner: nullable(owner),
    code: Type.String({ description: 'Refusal code of the error catalogue.' }),
    count: Type.Integer({ minimum: 1, description: 'Refusals that this event stands for.' }),
    ...request,
  }),
  example: {
    tokenUid: TOKEN,
    tokenPrefix: 'tlp_01234567',
    owner: { type: 'user', uid: USER },
    code: 'revoked_token',
    count: 1,
    operation: null,
    scope: null,
    resource: null,
    project: null,
    environment: null,
    requester: null,
    ip: '203.0.113.7',
    userAgent: 'curl/8',
  },
});

export const tokenSeen = eventContract({
  type: 'TokenSeen',
  version: 1,
  stream,
  writtenWhen: "A token authenticates a call to the ledger's own API: the first per token, source and minute.",
  guarantees: 'Moves last-used times; never a charge and never counted as a use.',
  schema: Type.Object({ tokenUid, tokenPrefix: Type.String(), owner, ip: optionalText, userAgent: optionalText }),
  example: {
    tokenUid: TOKEN,
    tokenPrefix: 'tlp_01234567',
    owner: { type: 'user', uid: USER },
    ip: '127.0.0.1',
    userAgent: 'curl/8',
  },
});
