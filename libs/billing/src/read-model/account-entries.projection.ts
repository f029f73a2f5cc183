import type { RecordedEvent } from '#libs/event-log';
import { rowsProjection, type Row } from '#libs/projections';
import type { AccountFact } from '../domain/index.js';
import { accountFactOf } from './account-fact-of.js';

interface AccountEntryRow extends Row {
  readonly uid: string;
  readonly account_uid: string;
  readonly revision: string;
  readonly key_hash: string | null;
  readonly reverses: string | null;
}

type EntryFact = Extract<AccountFact, { type: 'CreditsGranted' | 'OrgCharged' | 'UserCharged' | 'ChargeReversed' }>;

export const ACCOUNT_ENTRIES = 'account-entries';

/**
 * Where in the log the grants, charges and reversals stand, by their uids, their keys and the charges that they take
 * back. Nothing else is kept of them: what they say is read from the account's own stream, of which feeds are made, too.
 */
export const accountEntriesProjection = rowsProjection<AccountEntryRow, EntryFact['type']>({
  name: ACCOUNT_ENTRIES,
  table: {
    name: 'account_entries',
    columns: { uid: 'text', account_uid: 'text', revision: 'bigint', key_hash: 'text', reverses: 'text' },
    key: ['uid'],
  },
  handles: ['CreditsGranted', 'OrgCharged', 'UserCharged', 'ChargeReversed'],
  partitionOf: (event) => accountFactOf(event).data.accountUid,
  rows: (event) => [rowOf(event, accountFactOf(event) as EntryFact)],
});

function rowOf(event: RecordedEvent, { data }: EntryFact): AccountEntryRow {
  return {
    uid: 'grantUid' in data ? data.grantUid : data.chargeUid,
    account_uid: data.accountUid,
    revision: event.revision.toString(),
    key_hash: data.idempotencyKeyHash,
    reverses: 'reverses' in data ? data.reverses : null,
  };
}
