import {
  comparePositions,
  type EventLog,
  laterPosition,
  type Position,
  type RecordedEvent,
  START,
} from '#libs/event-log';
import { foldInMemory, type MemoryTable } from '#libs/projections/testing';
import {
  AccountReadModel,
  type ChargeEntry,
  type KeyedEntries,
  type RecordedEntry,
} from '../account-ledger/account-read-model.js';
import { type AccountFact, type AccountSnapshot, type AccountState, restoreAccount } from '../domain/index.js';
import { accountFactOf } from '../read-model/account-fact-of.js';
import { BILLING_PROJECTIONS } from '../read-model/billing-read-model.js';
import { chargeEntryOf, type StoredEntry } from '../read-model/charge-entry-of.js';

/** The read model of accounts in memory, folded by the same projections; it stays where it is until it is caught up. */
export class MemoryAccountReadModel extends AccountReadModel {
  private readonly events: RecordedEvent[] = [];
  private covered: Position = START;
  private tables: ReadonlyMap<string, MemoryTable> = foldInMemory(BILLING_PROJECTIONS, []);

  constructor(private readonly log: EventLog) {
    super();
  }

  /** Folds what the log holds by now, at most `limit` events of it. */
  async catchUp(limit = 100_000): Promise<void> {
    const { events, next } = await this.log.readAll({ after: this.covered, limit });
    // Others may have caught up meanwhile.
    this.events.push(...events.filter(({ position }) => comparePositions(position, this.covered) > 0));
    this.covered = laterPosition(this.covered, next);
    this.tables = foldInMemory(BILLING_PROJECTIONS, this.events);
  }

  override async snapshot(accountUid: string): Promise<{ state: AccountState; position: Position } | null> {
    const row = this.tables.get('accounts')?.get(accountUid);
    if (row === undefined) return null;
    const position = BigInt(row['position'] as string) as Position;
    return { state: restoreAccount(row['state'] as unknown as AccountSnapshot), position };
  }

  override async entriesOf(keyHashes: readonly string[]): Promise<KeyedEntries> {
    const found = new Map<string, RecordedEntry[]>();
    for (const entry of this.entries()) {
      const keyHash = 'idempotencyKeyHash' in entry.data ? entry.data.idempotencyKeyHash : null;
      if (keyHash === null || !keyHashes.includes(keyHash)) continue;
      const { position, type, data } = entry;
      const recorded = { accountUid: data.accountUid, fact: { type, data } as AccountFact, position };
      found.set(keyHash, [...(found.get(keyHash) ?? []), recorded]);
    }
    return { covered: this.covered, quarantined: new Set(), found };
  }

  override async charge(chargeUid: string): Promise<ChargeEntry | null> {
    return chargeEntryOf(chargeUid, this.entries(), this.covered);
  }

  private entries(): (StoredEntry & { position: Position })[] {
    const rows = this.tables.get('account_entries');
    const entries = this.events.flatMap((event) => {
      const { type, data } = accountFactOf(event);
      const uid = 'chargeUid' in data ? data.chargeUid : 'grantUid' in data ? data.grantUid : '';
      const { position, revision } = event;
      const isEntry = rows?.get(uid)?.['revision'] === revision.toString();
      return isEntry ? [{ uid, revision: revision.toString(), type, data, position }] : [];
    });
    return entries.sort((a, b) => comparePositions(a.position, b.position));
  }
}
