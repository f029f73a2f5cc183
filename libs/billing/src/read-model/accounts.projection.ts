import type { AccountEventType } from '#libs/contracts';
import { formatPosition, parsePosition, type Position } from '#libs/event-log';
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

/** An account while it is being folded. */
interface FoldedAccount {
  readonly state: AccountState;
  readonly position: Position;
  /** Instant of the last event, RFC 3339. */
  readonly occurredAt: string;
  /** As of that instant; null: to be computed when it is stored. */
  readonly balance: string | null;
}

/** Every account, as it is after its last event. */
export const accountsProjection = documentsProjection<AccountRow, AccountEventType, FoldedAccount>({
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
  evolve: (account, event, [uid = '']) => {
    const before = account?.state ?? initialAccount(uid);
    const state = evolveAccount(before, event);
    // The ledger goes on from this state: better none than one that lacks an event, or holds one twice.
    assert(state.revision === event.revision, `account ${uid} is at ${before.revision} when ${event.revision} comes`);
    const occurredAt = event.metadata['occurredAt'] ?? event.recordedAt;
    return { state, position: event.position, occurredAt, balance: null };
  },
  stored: { rowOf, stateOf },
});

function rowOf({ state, position, occurredAt, balance }: FoldedAccount): AccountRow {
  const { uid, revision, mode, limit, chargeNumber } = state;
  return {
    uid,
    revision: revision.toString(),
    position: formatPosition(position),
    mode,
    credit_limit: limit === null ? null : limit.toString(),
    balance: balance ?? balanceAt(state, fromInstant(occurredAt)).toString(),
    charge_number: chargeNumber.toString(),
    state: snapshotOf(state) as unknown as Json,
  };
}

function stateOf({ state, position, balance }: AccountRow): FoldedAccount {
  const restored = restoreAccount(state as unknown as AccountSnapshot);
  // Whatever is folded next has an instant of its own; until then the balance stays the one that was stored.
  return { state: restored, position: parsePosition(position), occurredAt: '', balance };
}
