import type { DataSource } from 'typeorm';
import { streamOf } from '#libs/contracts';
import { type EventLog, parsePosition, type Position, type RecordedEvent, START } from '#libs/event-log';
import { assert } from '#libs/kernel';
import {
  AccountReadModel,
  type ChargeEntry,
  type KeyedEntries,
  type RecordedEntry,
} from '../account-ledger/account-read-model.js';
import { type AccountSnapshot, type AccountState, restoreAccount } from '../domain/index.js';
import { ACCOUNT_ENTRIES } from './account-entries.projection.js';
import { accountFactOf } from './account-fact-of.js';
import { chargeEntryOf, grantsOf, type StoredEntry } from './charge-entry-of.js';

const CHECKPOINT = `SELECT position FROM read_model.projection_checkpoints WHERE name = '${ACCOUNT_ENTRIES}'`;
const QUARANTINE = `SELECT partition_key FROM read_model.dead_letters WHERE projection = '${ACCOUNT_ENTRIES}'`;

/** Where entries of the account are missing, its snapshot says nothing of the keys before it: the log is read whole. */
const SNAPSHOT = `
  SELECT state, position::text FROM read_model.accounts
  WHERE uid = $1 AND position <= (${CHECKPOINT}) AND NOT EXISTS (${QUARANTINE} AND partition_key = $1)`;

const KEYS = `
  SELECT c.position::text AS covered, (SELECT array_agg(DISTINCT partition_key) FROM (${QUARANTINE}) q) AS quarantined,
    e.key_hash, e.uid, e.account_uid, e.revision::text
  FROM (${CHECKPOINT}) c LEFT JOIN read_model.account_entries e ON e.key_hash = ANY($1)`;

/** The charge itself and its reversals. */
const CHARGE = `
  SELECT coalesce((${CHECKPOINT}), 0)::text AS covered, e.uid, e.account_uid, e.revision::text
  FROM read_model.account_entries e WHERE e.uid = $1 OR e.reverses = $1`;

const GRANTS = `
  SELECT e.uid, e.account_uid, e.revision::text FROM read_model.account_entries e WHERE e.uid = ANY($1)`;

/** Where an entry stands. */
interface Place {
  readonly uid: string;
  readonly account_uid: string;
  readonly revision: string;
}

interface KeyRow extends Place {
  readonly covered: string;
  readonly quarantined: readonly string[] | null;
  /** Null: none of the keys was found. */
  readonly key_hash: string | null;
}

/**
 * The read model of accounts in PostgreSQL. Each method asks the tables in one statement, so that it sees one moment;
 * what the entries say is read from the log, which never changes.
 */
export class AccountTables extends AccountReadModel {
  constructor(
    private readonly dataSource: DataSource,
    private readonly log: EventLog,
  ) {
    super();
  }

  override async snapshot(accountUid: string): Promise<{ state: AccountState; position: Position } | null> {
    const rows = await this.dataSource.query<{ state: AccountSnapshot; position: string }[]>(SNAPSHOT, [accountUid]);
    const row = rows[0];
    return row === undefined ? null : { state: restoreAccount(row.state), position: parsePosition(row.position) };
  }

  override async entriesOf(keyHashes: readonly string[]): Promise<KeyedEntries> {
    const rows = await this.dataSource.query<KeyRow[]>(KEYS, [keyHashes]);
    const keyed = rows.filter(({ key_hash: keyHash }) => keyHash !== null);
    const events = await Promise.all(keyed.map((row) => this.eventAt(row)));
    const found = new Map<string, RecordedEntry[]>();
    keyed.forEach(({ key_hash: keyHash }, index) => {
      const entries = found.get(keyHash as string) ?? [];
      found.set(keyHash as string, [...entries, recordedEntryOf(events[index] as RecordedEvent)]);
    });
    const first = rows[0];
    return {
      // The checkpoint is made when the engine starts for the first time; before that, nothing is covered.
      covered: first === undefined ? START : parsePosition(first.covered),
      quarantined: new Set(first?.quarantined ?? []),
      found,
    };
  }

  override async charge(chargeUid: string): Promise<ChargeEntry | null> {
    const rows = await this.dataSource.query<(Place & { covered: string })[]>(CHARGE, [chargeUid]);
    const first = rows[0];
    if (first === undefined) return null;
    const entries = await this.entriesAt(rows);
    // The grants that paid were there before the charge was.
    const grants = await this.dataSource.query<Place[]>(GRANTS, [grantsOf(chargeUid, entries)]);
    return chargeEntryOf(chargeUid, [...entries, ...(await this.entriesAt(grants))], parsePosition(first.covered));
  }

  private entriesAt(places: readonly Place[]): Promise<StoredEntry[]> {
    return Promise.all(
      places.map(async (place) => {
        const { type, data } = accountFactOf(await this.eventAt(place));
        return { uid: place.uid, revision: place.revision, type, data };
      }),
    );
  }

  private async eventAt({ uid, account_uid: accountUid, revision }: Place): Promise<RecordedEvent> {
    const [event] = await this.log.readStream(streamOf.account(accountUid), { from: BigInt(revision), limit: 1 });
    assert(event?.revision === BigInt(revision), `the log holds ${uid} where the read model says`);
    return event;
  }
}

function recordedEntryOf(event: RecordedEvent): RecordedEntry {
  const fact = accountFactOf(event);
  return {
    accountUid: fact.data.accountUid,
    fact: { type: fact.type, data: fact.data } as typeof fact,
    position: event.position,
  };
}
