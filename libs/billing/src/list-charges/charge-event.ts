import type { EventData } from '#libs/contracts';
import { assert, CREDIT_UNIT } from '#libs/kernel';
import type { AccountFact } from '../domain/index.js';

/** An entry of the feed, as the log has it. */
export interface FeedEntry {
  readonly accountUid: string;
  readonly type: AccountFact['type'];
  readonly data: AccountFact['data'];
  /** RFC 3339. */
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly correlationId: string | null;
  readonly credential: string | null;
}

/** A charge or reversal as CloudEvents 1.0 with the extensions sequence, partitioning, recordedtime and authcontext. */
export interface ChargeEvent {
  readonly specversion: '1.0';
  readonly type: string;
  /** Of each account its own, because `sequence` counts within a source. */
  readonly source: string;
  readonly id: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema: string;
  /** `chargeNumber` with leading zeros, so that it sorts as text. */
  readonly sequence: string;
  readonly partitionkey: string;
  readonly recordedtime: string;
  readonly correlationid?: string;
  readonly causationid?: string;
  readonly authtype: 'api_key' | 'system';
  readonly authid?: string;
  readonly data: ChargeEventData;
}

/** A part of the amount, and the grant that paid it, or, of a reversal, got it back. */
export interface ChargeEventAllocation {
  readonly grantId: string;
  readonly amount: string;
}

export interface ChargeEventData {
  readonly chargeId: string;
  readonly chargeNumber: string;
  readonly kind: 'charge' | 'reversal';
  readonly useId: string | null;
  readonly payer: string;
  readonly organization: string | null;
  readonly principal: string | null;
  readonly tokenUid: string | null;
  readonly tokenPrefix: string | null;
  readonly operation: string | null;
  readonly quantity: string | null;
  readonly quantityUnit: string | null;
  readonly amount: string;
  /** Decimal places of the amounts. */
  readonly scale: 0;
  readonly unit: string;
  readonly price: null;
  readonly allocations: readonly ChargeEventAllocation[];
  readonly holdId: null;
  readonly reverses: string | null;
  readonly reason: string | null;
  readonly balanceAfter: string;
  /** Month in which it was booked, UTC. */
  readonly period: string;
  readonly servicePeriod: string;
  readonly labels: Readonly<Record<string, string>>;
}

const SEQUENCE_DIGITS = 20;

/** The event of an entry, the same bytes each time. Every part of it was recorded: nothing depends on when it is read. */
export function chargeEventOf(entry: FeedEntry, installationUid: string): ChargeEvent {
  const { accountUid, occurredAt, recordedAt, correlationId } = entry;
  const data = chargeDataOf(entry);
  const payer = accountUid.startsWith('org_') ? 'org' : 'user';
  const authid = 'kind' in data && data.kind === 'use' ? data.tokenUid : entry.credential;
  return {
    specversion: '1.0',
    type: `tokenledger.${payer}.charged.v1`,
    source: `/tokenledger/${installationUid}/${payer}s/${accountUid}`,
    id: data.chargeUid,
    subject: accountUid,
    time: occurredAt,
    datacontenttype: 'application/json',
    dataschema: `https://tokenledger.example/schemas/${payer}-charged/1`,
    sequence: data.chargeNumber.padStart(SEQUENCE_DIGITS, '0'),
    partitionkey: accountUid,
    recordedtime: recordedAt,
    ...(correlationId === null ? {} : { correlationid: correlationId }),
    ...causationOf(data),
    ...(authid === null ? { authtype: 'system' as const } : { authtype: 'api_key' as const, authid }),
    data: eventDataOf(data, occurredAt.slice(0, 'yyyy-mm'.length)),
  };
}

type Charged = EventData<'OrgCharged'> | EventData<'ChargeReversed'>;

function chargeDataOf({ type, data }: FeedEntry): Charged {
  assert(type === 'OrgCharged' || type === 'UserCharged' || type === 'ChargeReversed', `${type} is not in the feed`);
  return data as Charged;
}

function causationOf(data: Charged): { causationid?: string } {
  if ('reverses' in data) return { causationid: data.reverses };
  return data.useId === null ? {} : { causationid: data.useId };
}

function eventDataOf(data: Charged, period: string): ChargeEventData {
  const { accountUid, tokenUid, tokenPrefix, principal, operation, amount, allocations, reason } = data;
  const isReversal = 'reverses' in data;
  return {
    chargeId: data.chargeUid,
    chargeNumber: data.chargeNumber,
    kind: isReversal ? 'reversal' : 'charge',
    useId: isReversal ? null : data.useId,
    payer: accountUid,
    organization: accountUid.startsWith('org_') ? accountUid : null,
    ...{ principal, tokenUid, tokenPrefix, operation },
    quantity: isReversal ? null : data.quantity,
    quantityUnit: null,
    amount,
    scale: 0,
    unit: CREDIT_UNIT,
    price: null,
    allocations: allocations.map(({ grantUid, amount: part }) => ({ grantId: grantUid, amount: part })),
    holdId: null,
    reverses: isReversal ? data.reverses : null,
    reason,
    balanceAfter: data.balanceAfter,
    period,
    servicePeriod: period,
    labels: {},
  };
}
