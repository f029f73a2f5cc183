import type { AccountEventType } from '#libs/contracts';
import { formatPosition, type RecordedEvent } from '#libs/event-log';
import { assert, fromInstant, type Json } from '#libs/kernel';
import { documentsProjection, type Row } from '#libs/projections';
import {
  type AccountSnapshot,
  type AccountState,
  balanceAt,
  evolveAccount,
  initialAccount,
  restoreAccount,
  snapshotOf,
} from '../domain/index.js';
import { accountFactOf } from './account-fact-of.js';

interface AccountRow extends Row {
  readonly uid: string;
  readonly revision: string;
  readonly position: string;
  readonly mode: string;
  readonly credit_limit: string | null;
  readonly balance: string;
  readonly charge_number: string;
  readonly state: Json;
}

/** Every account, as it is after its last event. */
export const accountsProjection = documentsProjection<AccountRow, AccountEventType>({
  name: 'accounts',
  table: {
    name: 'accounts',
    columns: {
      uid: 'text',
      revision: 'bigint',
      position: 'bigint',
      mode: 'text',
      credit_limit: 'numeric',
      balance: 'numeric',
      charge_number: 'bigint',
      state: 'jsonb',
    },
    key: ['uid'],
  },
  handles: [
    'AccountOpened',
    'AccountModeChanged',
    'CreditsGranted',
    'GrantExpired',
    'OrgCharged',
    'UserCharged',
    'ChargeReversed',
  ],
  partitionOf: (event) => accountFactOf(event).data.accountUid,
  keysOf: (event) => [[accountFactOf(event).data.accountUid]],
  evolve: (row, event, [uid = '']) => {
    const before = row === null ? initialAccount(uid) : restoreAccount(row.state as unknown as AccountSnapshot);
    const state = evolveAccount(before, event);
    // The ledger goes on from this state: better none than one that lacks an event, or holds one twice.
    assert(state.revision === event.revision, `account ${uid} is at ${before.revision} when ${event.revision} comes`);
    return rowOf(state, event);
  },
});

function rowOf(state: AccountState, event: RecordedEvent): AccountRow {
  const { uid, revision, mode, limit, chargeNumber } = state;
  const occurredAt = fromInstant(event.metadata['occurredAt'] ?? event.recordedAt);
  return {
    uid,
    revision: revision.toString(),
    position: formatPosition(event.position),
    mode,
    credit_limit: limit === null ? null : limit.toString(),
    balance: balanceAt(state, occurredAt).toString(),
    charge_number: chargeNumber.toString(),
    state: snapshotOf(state) as unknown as Json,
  };
}
