import type { Position } from '#libs/event-log';
import type { AccountFact, AccountState, ChargeData, GrantTerms } from '../domain/index.js';

/** A fact of an account that a retry is answered from: a keyed one, as it was recorded. */
export interface RecordedEntry {
  readonly accountUid: string;
  readonly fact: AccountFact;
  /** At or after the fact's own. */
  readonly position: Position;
}

/** The entries of idempotency keys, as the table of entries held them at one moment. */
export interface KeyedEntries {
  /** Every entry of the log up to this position is in the table, except those of `quarantined`. */
  readonly covered: Position;
  /** Uids of accounts of which the table lacks entries. */
  readonly quarantined: ReadonlySet<string>;
  /** By key hash; nearly always one of each, because a key belongs to one request. */
  readonly found: ReadonlyMap<string, readonly RecordedEntry[]>;
}

/** A charge that may be taken back, as the table of entries held it at one moment. */
export interface ChargeEntry {
  /** Every entry of the log up to this position is in the table. */
  readonly covered: Position;
  readonly accountUid: string;
  /** Null: it is itself a reversal. */
  readonly charge: ChargeData | null;
  /** Credits taken back, by uid of the reversal. */
  readonly reversals: ReadonlyMap<string, bigint>;
  /** Terms of the grants that paid. */
  readonly grants: readonly GrantTerms[];
}

/**
 * What the read models know of accounts: the past up to a position, from which the ledger goes on in memory. An abstract
 * class, so that tests can stand on memory. Each method answers from one moment of the tables, and throws what the
 * database throws; the ledger refuses then.
 */
export abstract class AccountReadModel {
  /**
   * The account as of an earlier event, and that event's position; null when it is not there, or when the table of
   * entries does not hold every entry of the account up to that position.
   */
  abstract snapshot(accountUid: string): Promise<{ state: AccountState; position: Position } | null>;

  /** The entries of these keys. */
  abstract entriesOf(keyHashes: readonly string[]): Promise<KeyedEntries>;

  /** The charge with this uid; null when there is none, or none yet. */
  abstract charge(chargeUid: string): Promise<ChargeEntry | null>;
}
