import { chargedUseEventId, SCHEMA_VERSIONS, type EventData, type NewEvent } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
import { assert } from '#libs/kernel';
import type { AccountFact, ChargeData } from '../domain/index.js';
import type { NextAppend } from './append-batch.js';

/** What a TokenUsed says that its charge does not. */
const UNSAID = ['scope', 'resource', 'project', 'environment', 'requester', 'ip', 'userAgent'] as const;
const REMEMBERED = 'use';

type Used = EventData<'TokenUsed'>;
type Unsaid = { -readonly [Key in (typeof UNSAID)[number]]?: NonNullable<Used[Key]> };

/** The private part of a charge, from which its TokenUsed can be written. */
interface RememberedUse extends Unsaid {
  /** The usage stream that it belongs to. */
  readonly stream: string;
}

/** A TokenUsed that belongs to a usage stream. */
export interface MissingUse {
  readonly stream: string;
  readonly event: NewEvent<'TokenUsed'>;
}

/** The same facts, of which the charge, the last one, says what else its use was: for a log that may part the two. */
export function rememberingUse(facts: readonly AccountFact[], { stream, events }: NextAppend): AccountFact[] {
  const charge = facts[facts.length - 1];
  const used = events[0] as NewEvent<'TokenUsed'> | undefined;
  assert(charge !== undefined && used?.type === 'TokenUsed', 'a use is charged with its TokenUsed');
  const unsaid: Unsaid = {};
  for (const key of UNSAID) {
    const value = used.data[key];
    if (value !== null && value !== undefined) unsaid[key] = value;
  }
  const remembered: RememberedUse = { stream, ...unsaid };
  return [...facts.slice(0, -1), { ...charge, private: { [REMEMBERED]: JSON.stringify(remembered) } }];
}

/** The TokenUsed of a charge that was stored; null for an event that is none, or was written where both are stored at once. */
export function useOfCharge(charge: RecordedEvent): MissingUse | null {
  if (charge.type !== 'OrgCharged' && charge.type !== 'UserCharged') return null;
  const text = charge.private?.[REMEMBERED];
  const data = charge.data as ChargeData;
  if (text === undefined || data.useId === null) return null;
  const { stream, ...unsaid } = JSON.parse(text) as RememberedUse;
  const metadata = { ...charge.metadata, schemaVersion: SCHEMA_VERSIONS.TokenUsed };
  const event = { id: chargedUseEventId(data.useId), type: 'TokenUsed', data: usedBy(data, unsaid), metadata } as const;
  return { stream, event };
}

function usedBy(charge: ChargeData, unsaid: Unsaid): Used {
  const { useId, tokenUid, tokenPrefix, principal } = charge;
  assert(useId !== null && tokenUid !== null && tokenPrefix !== null && principal !== null, 'a use names its token');
  return {
    useId,
    tokenUid,
    tokenPrefix,
    owner: { type: principal.startsWith('org_') ? 'organization' : 'user', uid: principal },
    principal,
    payer: charge.accountUid,
    cost: charge.amount,
    chargeUid: charge.chargeUid,
    operation: charge.operation,
    scope: unsaid.scope ?? null,
    resource: unsaid.resource ?? null,
    project: unsaid.project ?? null,
    environment: unsaid.environment ?? null,
    requester: unsaid.requester ?? null,
    ip: unsaid.ip ?? null,
    userAgent: unsaid.userAgent ?? null,
    idempotencyKeyHash: charge.idempotencyKeyHash,
    fingerprint: charge.fingerprint,
  };
}
