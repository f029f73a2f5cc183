import type { DataSource } from 'typeorm';
import { parsePosition, type Position, START } from '#libs/event-log';
import {
  AccountReadModel,
  type ChargeEntry,
  type KeyedEntries,
  type RecordedEntry,
} from '../account-ledger/account-read-model.js';
import { type AccountFact, type AccountSnapshot, type AccountState, restoreAccount } from '../domain/index.js';
import { ACCOUNT_ENTRIES } from './account-entries.projection.js';
import { chargeEntryOf, type StoredEntry } from './charge-entry-of.js';

const CHECKPOINT = `SELECT position FROM read_model.projection_checkpoints WHERE name = '${ACCOUNT_ENTRIES}'`;
const QUARANTINE = `SELECT partition_key FROM read_model.dead_letters WHERE projection = '${ACCOUNT_ENTRIES}'`;

/** Where entries of the account are missing, its snapshot says nothing of the keys before it: the log is read whole. */
const SNAPSHOT = `
  SELECT state, position::text FROM read_model.accounts
  WHERE uid = $1 AND position <= (${CHECKPOINT}) AND NOT EXISTS (${QUARANTINE} AND partition_key = $1)`;

const KEYS = `
  SELECT c.position::text AS covered, (SELECT array_agg(DISTINCT partition_key) FROM (${QUARANTINE}) q) AS quarantined,
    e.key_hash, e.account_uid, e.position::text, e.type, e.data
  FROM (${CHECKPOINT}) c LEFT JOIN read_model.account_entries e ON e.key_hash = ANY($1)`;

/** The charge itself, its reversals, and the grants that paid it. */
const CHARGE = `
  SELECT coalesce((${CHECKPOINT}), 0)::text AS covered, e.uid, e.revision::text, e.type, e.data
  FROM read_model.account_entries e
  WHERE e.uid = $1 OR e.reverses = $1 OR e.uid = ANY(ARRAY(
    SELECT a ->> 'grantUid' FROM read_model.account_entries c, jsonb_array_elements(c.data -> 'allocations') a
    WHERE c.uid = $1))`;

interface KeyRow extends Pick<StoredEntry, 'type' | 'data'> {
  readonly covered: string;
  readonly quarantined: readonly string[] | null;
  /** Null: none of the keys was found. */
  readonly key_hash: string | null;
  readonly account_uid: string;
  readonly position: string;
}

/** The read model of accounts in PostgreSQL; each method is one statement, so that it sees one moment. */
export class AccountTables extends AccountReadModel {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override async snapshot(accountUid: string): Promise<{ state: AccountState; position: Position } | null> {
    const rows = await this.dataSource.query<{ state: AccountSnapshot; position: string }[]>(SNAPSHOT, [accountUid]);
    const row = rows[0];
    return row === undefined ? null : { state: restoreAccount(row.state), position: parsePosition(row.position) };
  }

  override async entriesOf(keyHashes: readonly string[]): Promise<KeyedEntries> {
    const rows = await this.dataSource.query<KeyRow[]>(KEYS, [keyHashes]);
    const found = new Map<string, RecordedEntry[]>();
    for (const row of rows) {
      if (row.key_hash === null) continue;
      found.set(row.key_hash, [...(found.get(row.key_hash) ?? []), recordedEntryOf(row)]);
    }
    const first = rows[0];
    return {
      // The checkpoint is made when the engine starts for the first time; before that, nothing is covered.
      covered: first === undefined ? START : parsePosition(first.covered),
      quarantined: new Set(first?.quarantined ?? []),
      found,
    };
  }

  override async charge(chargeUid: string): Promise<ChargeEntry | null> {
    const rows = await this.dataSource.query<(StoredEntry & { covered: string })[]>(CHARGE, [chargeUid]);
    const first = rows[0];
    return first === undefined ? null : chargeEntryOf(chargeUid, rows, parsePosition(first.covered));
  }
}

function recordedEntryOf({ account_uid: accountUid, position, type, data }: KeyRow): RecordedEntry {
  return { accountUid, fact: { type, data } as AccountFact, position: parsePosition(position) };
}
