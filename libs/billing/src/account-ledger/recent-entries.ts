import { comparePositions, laterPosition, type Position, START } from '#libs/event-log';
import type { AccountFact } from '../domain/index.js';

/** An entry that the table of entries may not hold yet. */
export interface RecentEntry {
  readonly accountUid: string;
  readonly fact: AccountFact;
  /** Of the request that stores it; a promise while that is under way. */
  stored: Position | Promise<Position>;
}

/**
 * Keyed entries and reversals that the ledger must remember by itself: for every account in memory, all those after
 * `forgotten` (and after the snapshot that the account was loaded from). Entries are forgotten once the table was seen to
 * hold them; who decides must have asked the table at or after that.
 */
export class RecentEntries {
  /** Up to here the table has been seen to hold everything, and entries are forgotten. */
  forgotten: Position = START;
  /** The entries of one key: nearly always one, because a key belongs to one request. */
  private readonly byKey = new Map<string, RecentEntry[]>();
  private readonly byReversed = new Map<string, RecentEntry[]>();
  /** Stored ones, by and large in the order of their positions. */
  private queue: RecentEntry[] = [];
  private head = 0;

  /** Entries that are remembered. */
  get size(): number {
    return this.byKey.size + this.byReversed.size;
  }

  /** The entry of a key, that of the account where there are several. */
  find(keyHash: string, accountUid: string): RecentEntry | undefined {
    const entries = this.byKey.get(keyHash);
    return entries?.find((entry) => entry.accountUid === accountUid) ?? entries?.[0];
  }

  /** Credits taken back of a charge, by uid of the reversal. */
  reversalsOf(chargeUid: string): ReadonlyMap<string, bigint> {
    const amounts = new Map<string, bigint>();
    for (const { fact } of this.byReversed.get(chargeUid) ?? []) {
      if (fact.type === 'ChargeReversed') amounts.set(fact.data.chargeUid, -BigInt(fact.data.amount));
    }
    return amounts;
  }

  /** Remembers an entry whose request is under way: `settle` follows when that is stored, `remove` when it is not. */
  add(entry: RecentEntry): void {
    put(this.byKey, keyHashOf(entry.fact), entry);
    put(this.byReversed, reversedBy(entry.fact), entry);
  }

  /** Remembers an entry that was read from the log, unless it is known. */
  learn(accountUid: string, fact: AccountFact, position: Position): void {
    const uid = uidOf(fact);
    const known = [
      ...(this.byKey.get(keyHashOf(fact) ?? '') ?? []),
      ...(this.byReversed.get(reversedBy(fact) ?? '') ?? []),
    ];
    if (known.some((entry) => uidOf(entry.fact) === uid)) return;
    const entry: RecentEntry = { accountUid, fact, stored: position };
    this.add(entry);
    this.queue.push(entry);
  }

  remove(entry: RecentEntry): void {
    take(this.byKey, keyHashOf(entry.fact), entry);
    take(this.byReversed, reversedBy(entry.fact), entry);
  }

  /** The request of an entry was stored at `position`: it may be forgotten when the table holds it. */
  settle(entry: RecentEntry, position: Position): void {
    entry.stored = position;
    this.queue.push(entry);
  }

  /** Forgets what stands at or before `covered`, but for accounts of which the table lacks entries. */
  forget(covered: Position, quarantined: ReadonlySet<string>): void {
    if (comparePositions(covered, this.forgotten) <= 0) return;
    this.forgotten = laterPosition(this.forgotten, covered);
    const kept: RecentEntry[] = [];
    while (this.head < this.queue.length) {
      const entry = this.queue[this.head] as RecentEntry;
      if (typeof entry.stored !== 'bigint' || comparePositions(entry.stored, covered) > 0) break;
      this.head += 1;
      if (quarantined.has(entry.accountUid)) kept.push(entry);
      else this.remove(entry);
    }
    this.compact(kept);
  }

  /** Moving the rest to the front each time would cost as much as it saves: only when half of the list is gone. */
  private compact(kept: readonly RecentEntry[]): void {
    if (kept.length === 0 && this.head * 2 < this.queue.length) return;
    this.queue = [...kept, ...this.queue.slice(this.head)];
    this.head = 0;
  }
}

/** Hash of the idempotency key of the command that recorded the fact. */
export function keyHashOf({ data }: AccountFact): string | null {
  return 'idempotencyKeyHash' in data ? data.idempotencyKeyHash : null;
}

function uidOf({ data }: AccountFact): string | null {
  if ('chargeUid' in data) return data.chargeUid;
  return 'grantUid' in data ? data.grantUid : null;
}

/** True for what RecentEntries must be told of. */
export function isRemembered(fact: AccountFact): boolean {
  return fact.type === 'ChargeReversed' || keyHashOf(fact) !== null;
}

function reversedBy(fact: AccountFact): string | null {
  return fact.type === 'ChargeReversed' ? fact.data.reverses : null;
}

function put(index: Map<string, RecentEntry[]>, key: string | null, entry: RecentEntry): void {
  if (key === null) return;
  const entries = index.get(key);
  if (entries === undefined) index.set(key, [entry]);
  else entries.push(entry);
}

function take(index: Map<string, RecentEntry[]>, key: string | null, entry: RecentEntry): void {
  const entries = key === null ? undefined : index.get(key);
  const rest = entries?.filter((known) => known !== entry) ?? [];
  if (key === null || rest.length === entries?.length) return;
  if (rest.length === 0) index.delete(key);
  else index.set(key, rest);
}
