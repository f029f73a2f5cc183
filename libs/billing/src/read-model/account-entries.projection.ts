import { formatPosition, type RecordedEvent } from '#libs/event-log';
import type { Json } from '#libs/kernel';
import { rowsProjection, type Row } from '#libs/projections';
import type { AccountFact } from '../domain/index.js';
import { accountFactOf } from './account-fact-of.js';

interface AccountEntryRow extends Row {
  readonly position: string;
  readonly account_uid: string;
  readonly revision: string;
  readonly uid: string;
  readonly type: string;
  readonly charge_number: string | null;
  readonly amount: string;
  readonly token_uid: string | null;
  readonly reverses: string | null;
  readonly key_hash: string | null;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly correlation_id: string | null;
  readonly credential: string | null;
  readonly data: Json;
}

type EntryFact = Extract<AccountFact, { type: 'CreditsGranted' | 'OrgCharged' | 'UserCharged' | 'ChargeReversed' }>;

export const ACCOUNT_ENTRIES = 'account-entries';

/** What changed balances on somebody's command: grants, charges and reversals; what feeds are read from. */
export const accountEntriesProjection = rowsProjection<AccountEntryRow, EntryFact['type']>({
  name: ACCOUNT_ENTRIES,
  table: {
    name: 'account_entries',
    columns: {
      position: 'bigint',
      account_uid: 'text',
      revision: 'bigint',
      uid: 'text',
      type: 'text',
      charge_number: 'bigint',
      amount: 'numeric',
      token_uid: 'text',
      reverses: 'text',
      key_hash: 'text',
      occurred_at: 'timestamptz',
      recorded_at: 'timestamptz',
      correlation_id: 'text',
      credential: 'text',
      data: 'jsonb',
    },
    key: ['account_uid', 'position'],
  },
  handles: ['CreditsGranted', 'OrgCharged', 'UserCharged', 'ChargeReversed'],
  partitionOf: (event) => accountFactOf(event).data.accountUid,
  rows: (event) => [rowOf(event, accountFactOf(event) as EntryFact)],
});

function rowOf(event: RecordedEvent, fact: EntryFact): AccountEntryRow {
  const { metadata, recordedAt } = event;
  const { data, type } = fact;
  return {
    position: formatPosition(event.position),
    account_uid: data.accountUid,
    revision: event.revision.toString(),
    uid: 'grantUid' in data ? data.grantUid : data.chargeUid,
    type,
    charge_number: 'chargeNumber' in data ? data.chargeNumber : null,
    amount: data.amount,
    token_uid: 'tokenUid' in data ? data.tokenUid : null,
    reverses: 'reverses' in data ? data.reverses : null,
    key_hash: data.idempotencyKeyHash,
    occurred_at: metadata['occurredAt'] ?? recordedAt,
    recorded_at: recordedAt,
    correlation_id: metadata['$correlationId'] ?? null,
    credential: metadata['credential'] ?? null,
    data,
  };
}
