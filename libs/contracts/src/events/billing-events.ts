import { Type } from '@sinclair/typebox';
import { eventContract } from './event-contract.js';
import {
  accountUid,
  allocations,
  amount,
  chargeUid,
  grantUid,
  instant,
  nullable,
  reason,
  signedAmount,
  tokenUid,
  useId,
} from './fields.js';
import { IDEMPOTENCY_FIELDS } from './token-events.js';

const stream = 'account-<uid>';
const ACCOUNT = 'org_01JD00000000000000000000RG';
const USER = 'usr_01JD00000000000000000000VS';
const CHARGE = 'chg_01JD00000000000000000000CH';
const GRANT = 'grt_01JD00000000000000000000GR';
const AT = '2026-11-25T08:00:00.000Z';
const mode = Type.Union([Type.Literal('prepaid'), Type.Literal('postpaid')]);
const limit = nullable(amount, 'How far the balance may fall below zero; null: without limit.');
const grantKind = Type.Union([Type.Literal('paid'), Type.Literal('promotional')]);
const priority = Type.Integer({ minimum: 0, maximum: 100, description: 'Lower is consumed first.' });
const grantTerms = Type.Object({
  grantUid,
  kind: grantKind,
  effectiveAt: instant,
  expiresAt: nullable(instant),
  priority,
  order: Type.String({ pattern: '^[1-9][0-9]*$', description: 'Revision of its CreditsGranted.' }),
});
const balanceAfter = Type.String({ pattern: '^-?(0|[1-9][0-9]*)$', description: 'Balance after this event.' });
const chargeNumber = Type.String({ pattern: '^[1-9][0-9]*$', description: 'Contiguous from 1 in the account.' });

export const accountOpened = eventContract({
  type: 'AccountOpened',
  version: 1,
  stream,
  writtenWhen: 'The owner of the account is created.',
  guarantees: 'First event of its stream.',
  schema: Type.Object({ accountUid, unit: Type.String(), mode, limit }),
  example: { accountUid: ACCOUNT, unit: 'CREDIT', mode: 'prepaid', limit: '0' },
});

export const accountModeChanged = eventContract({
  type: 'AccountModeChanged',
  version: 1,
  stream,
  writtenWhen: 'Mode or limit of an account change.',
  guarantees: 'Holds both before and after; no effect on the balance.',
  schema: Type.Object({
    accountUid,
    before: Type.Object({ mode, limit }),
    after: Type.Object({ mode, limit }),
  }),
  example: {
    accountUid: ACCOUNT,
    before: { mode: 'prepaid', limit: '0' },
    after: { mode: 'postpaid', limit: null },
  },
});

export const creditsGranted = eventContract({
  type: 'CreditsGranted',
  version: 1,
  stream,
  writtenWhen: 'Credits are granted to an account.',
  guarantees: 'Counts from `effectiveAt` until `expiresAt`, by the clock.',
  schema: Type.Object({
    accountUid,
    grantUid,
    amount,
    kind: grantKind,
    effectiveAt: instant,
    expiresAt: nullable(instant),
    priority,
    reason,
    balanceAfter,
    ...IDEMPOTENCY_FIELDS,
  }),
  example: {
    accountUid: ACCOUNT,
    grantUid: GRANT,
    amount: '100',
    kind: 'paid',
    effectiveAt: AT,
    expiresAt: null,
    priority: 50,
    reason: 'invoice 17',
    balanceAfter: '100',
    idempotencyKeyHash: '0'.repeat(64),
    fingerprint: '0'.repeat(64),
  },
});

export const grantExpired = eventContract({
  type: 'GrantExpired',
  version: 1,
  stream,
  writtenWhen: 'The next decision on an account finds that a grant with a rest has passed its end.',
  guarantees: 'The rest did not count from `expiredAt` on, whenever this was recorded.',
  schema: Type.Object({ accountUid, grantUid, amount, expiredAt: instant, balanceAfter }),
  example: { accountUid: ACCOUNT, grantUid: GRANT, amount: '40', expiredAt: AT, balanceAfter: '0' },
});

const charged = {
  accountUid,
  chargeUid,
  chargeNumber,
  kind: Type.Union([Type.Literal('use'), Type.Literal('direct')], {
    description: '`use`: the charge of one TokenUsed; `direct`: made by a billing call.',
  }),
  useId: nullable(useId),
  tokenUid: nullable(tokenUid),
  tokenPrefix: nullable(Type.String()),
  principal: nullable(Type.String(), 'Who used the token.'),
  operation: nullable(Type.String()),
  quantity: nullable(amount),
  amount,
  allocations,
  balanceAfter,
  reason,
  ...IDEMPOTENCY_FIELDS,
};

const chargedExample = {
  accountUid: ACCOUNT,
  chargeUid: CHARGE,
  chargeNumber: '1',
  kind: 'use' as const,
  useId: 'use_01JD00000000000000000000VS',
  tokenUid: 'tok_01JD00000000000000000000TK',
  tokenPrefix: 'tlp_01234567',
  principal: USER,
  operation: 'pipeline.run',
  quantity: null,
  amount: '3',
  allocations: [{ grantUid: GRANT, amount: '3' }],
  balanceAfter: '97',
  reason: null,
  idempotencyKeyHash: null,
  fingerprint: null,
};

const CHARGE_GUARANTEES =
  '`chargeNumber` has no gap; `balanceAfter` is never below minus the limit in force; each `useId` and each key is ' +
  'charged at most once, ever.';

export const orgCharged = eventContract({
  type: 'OrgCharged',
  version: 1,
  stream,
  writtenWhen: 'A use or a direct charge is billed to an organization.',
  guarantees: CHARGE_GUARANTEES,
  schema: Type.Object(charged),
  example: chargedExample,
});

export const userCharged = eventContract({
  type: 'UserCharged',
  version: 1,
  stream,
  writtenWhen: 'A use or a direct charge is billed to the personal credits of a user.',
  guarantees: CHARGE_GUARANTEES,
  schema: Type.Object(charged),
  example: { ...chargedExample, accountUid: USER },
});

export const chargeReversed = eventContract({
  type: 'ChargeReversed',
  version: 1,
  stream,
  writtenWhen: 'A charge is taken back, whole or in part.',
  guarantees:
    'Has a `chargeNumber` of its own; all reversals of a charge together never exceed it; lowers the overdraft first, ' +
    'then restores the grants that paid, last first. What a grant paid that has ended meanwhile is lost.',
  schema: Type.Object({
    accountUid,
    chargeUid,
    chargeNumber,
    reverses: chargeUid,
    amount: signedAmount,
    allocations,
    restored: Type.Array(grantTerms, {
      description: 'Terms of the grants in `allocations`: what was used up is forgotten, and comes back as it was.',
    }),
    overdraft: Type.String({ pattern: '^(0|[1-9][0-9]*)$', description: 'Part that lowers the overdraft.' }),
    tokenUid: nullable(tokenUid, 'Of the charge that is taken back, like the next three.'),
    tokenPrefix: nullable(Type.String()),
    principal: nullable(Type.String()),
    operation: nullable(Type.String()),
    balanceAfter,
    reason,
    ...IDEMPOTENCY_FIELDS,
  }),
  example: {
    accountUid: ACCOUNT,
    chargeUid: 'chg_01JD00000000000000000000RV',
    chargeNumber: '2',
    reverses: CHARGE,
    amount: '-3',
    allocations: [{ grantUid: GRANT, amount: '3' }],
    restored: [{ grantUid: GRANT, kind: 'paid', effectiveAt: AT, expiresAt: null, priority: 50, order: '1' }],
    overdraft: '0',
    tokenUid: 'tok_01JD00000000000000000000TK',
    tokenPrefix: 'tlp_01234567',
    principal: USER,
    operation: 'pipeline.run',
    balanceAfter: '100',
    reason: 'service was down',
    idempotencyKeyHash: '0'.repeat(64),
    fingerprint: '0'.repeat(64),
  },
});
