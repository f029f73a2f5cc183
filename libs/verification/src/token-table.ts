import type { BornToken } from '#libs/tokens/domain';
import { HashIndex, hashOf } from './hash-index.js';
import { SharedValues } from './shared-values.js';
import { TokenRecords } from './token-record.js';
import { type TokenCounts, TokenStandings } from './token-standings.js';

/** Records lie in blocks of so many bytes, none across two of them. */
export const BLOCK_BYTES = 1_048_576;
/** Tokens that were asked for a moment ago are kept as objects, up to twice as many as this. */
const RECENT_MAX = 8_192;
/** Bytes of records that nobody needs any more, above which and of which share of all the table is written anew. */
const WASTE_MIN = 32 * BLOCK_BYTES;
const WASTE_SHARE = 0.5;

export interface KnownToken {
  readonly uid: string;
  readonly state: BornToken;
  /** An event of it could not be folded: its true state is not known, so it is refused. */
  readonly quarantined: boolean;
}

/** All of a table at one moment; it does not change when the table does. */
export interface TableImage {
  /** Texts of the values that records share. */
  readonly shared: readonly string[];
  /** Where the record of each token begins, counted over all blocks. */
  readonly places: Float64Array<ArrayBuffer>;
  /** 1 for each token that is quarantined. */
  readonly quarantined: Uint8Array<ArrayBuffer>;
  /** The used part of each block. */
  readonly blocks: readonly Buffer[];
  /** Bytes of the blocks that no token needs any more. */
  readonly wasted: number;
}

/**
 * Tokens by uid and by key id, as bytes. A million of them as objects would take two gigabytes, and each collection of
 * garbage would visit them all. Records are only ever added: an image of the table is a list of what is there, and
 * stays as it is while the table goes on.
 */
export class TokenTable {
  private shared = new SharedValues();
  private records = new TokenRecords(this.shared);
  private blocks: Buffer[] = [];
  private used: number[] = [];
  private places = new Float64Array(1_024);
  private flags = new Uint8Array(1_024);
  private count = 0;
  private wasted = 0;
  private readonly byUidHash = new HashIndex();
  private readonly byKeyHash = new HashIndex();
  private readonly standings = new TokenStandings();
  private recent = new Map<number, KnownToken>();
  private lessRecent = new Map<number, KnownToken>();

  /** The table that an image was taken of. Its blocks are the table's from then on. */
  static from({ shared, places, quarantined, blocks, wasted }: TableImage): TokenTable {
    const table = new TokenTable();
    table.shared = SharedValues.from(shared);
    table.records = new TokenRecords(table.shared);
    table.blocks = [...blocks];
    table.used = blocks.map(({ length }) => length);
    table.places = places;
    table.flags = quarantined;
    table.count = places.length;
    table.wasted = wasted;
    for (let number = 0; number < table.count; number += 1) {
      const outline = table.records.outlineAt(table.blockOf(number), table.offsetOf(number));
      table.byUidHash.add(hashOf(outline.uid), number);
      for (const keyId of outline.keyIds) table.byKeyHash.add(hashOf(keyId), number);
      table.standings.set(number, outline);
    }
    return table;
  }

  get size(): number {
    return this.count;
  }

  byUid(uid: string): KnownToken | null {
    const number = this.numberOf(uid);
    return number < 0 ? null : this.known(number);
  }

  byKeyId(keyId: string): KnownToken | null {
    const number = this.byKeyHash.find(hashOf(keyId), (candidate) => this.hasKey(candidate, keyId));
    return number < 0 ? null : this.known(number);
  }

  /** How many there are of each type and status at an instant (epoch ms), and how many expire within spans of it. */
  countsAt(at: number, spansMs: readonly number[]): TokenCounts {
    return this.standings.count(at, spansMs);
  }

  /** Puts a token in, or what has become of it. */
  set(token: BornToken): void {
    const number = this.numberOf(token.uid);
    const isNew = number < 0;
    const before = isNew ? [] : this.known(number).state.secretVersions;
    const place = this.add(this.records.encode(token));
    const own = isNew ? this.begin(token.uid) : number;
    if (!isNew) this.wasted += this.lengthAt(own);
    this.places[own] = place;
    this.standings.set(own, token);
    for (const { keyId } of token.secretVersions) {
      if (!before.some((version) => version.keyId === keyId)) this.byKeyHash.add(hashOf(keyId), own);
    }
    this.forget(own);
    if (this.wasted > WASTE_MIN && this.wasted > WASTE_SHARE * this.blocks.length * BLOCK_BYTES) this.compact();
  }

  /** From now on the token is known to be not what its record says. */
  quarantine(uid: string): void {
    const number = this.numberOf(uid);
    if (number < 0) return;
    this.flags[number] = 1;
    this.forget(number);
  }

  /** Costs a copy of nine bytes a token. */
  image(): TableImage {
    return {
      shared: this.shared.texts,
      places: this.places.slice(0, this.count),
      quarantined: this.flags.slice(0, this.count),
      blocks: this.blocks.map((block, index) => block.subarray(0, this.used[index])),
      wasted: this.wasted,
    };
  }

  private known(number: number): KnownToken {
    const kept = this.recent.get(number) ?? this.lessRecent.get(number);
    if (kept !== undefined) return kept;
    const state = this.records.decode(this.blockOf(number), this.offsetOf(number));
    const known = { uid: state.uid, state, quarantined: this.flags[number] === 1 };
    if (this.recent.size >= RECENT_MAX) {
      this.lessRecent = this.recent;
      this.recent = new Map();
    }
    this.recent.set(number, known);
    return known;
  }

  private forget(number: number): void {
    this.recent.delete(number);
    this.lessRecent.delete(number);
  }

  private numberOf(uid: string): number {
    return this.byUidHash.find(
      hashOf(uid),
      (number) => this.records.uidAt(this.blockOf(number), this.offsetOf(number)) === uid,
    );
  }

  /** Two key ids of one hash are one in four billion: to decode the candidate, which is wanted anyway, costs nothing more. */
  private hasKey(number: number, keyId: string): boolean {
    return this.known(number).state.secretVersions.some((version) => version.keyId === keyId);
  }

  private begin(uid: string): number {
    if (this.count === this.flags.length || this.count === this.places.length) this.growNumbers();
    this.byUidHash.add(hashOf(uid), this.count);
    this.count += 1;
    return this.count - 1;
  }

  private growNumbers(): void {
    const capacity = Math.max(1_024, this.count * 2);
    const places = new Float64Array(capacity);
    places.set(this.places.subarray(0, this.count));
    this.places = places;
    const flags = new Uint8Array(capacity);
    flags.set(this.flags.subarray(0, this.count));
    this.flags = flags;
  }

  /** Adds a record; returns where it begins. */
  private add(record: Buffer): number {
    const last = this.blocks.length - 1;
    const at = this.used[last] ?? BLOCK_BYTES;
    // A record that is larger than a block has one of its own.
    if (at + record.length > (this.blocks[last]?.length ?? 0)) {
      this.blocks.push(Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, record.length)));
      this.used.push(0);
      return this.add(record);
    }
    record.copy(this.blocks[last] as Buffer, at);
    this.used[last] = at + record.length;
    return last * BLOCK_BYTES + at;
  }

  private blockOf(number: number): Buffer {
    return this.blocks[Math.floor((this.places[number] as number) / BLOCK_BYTES)] as Buffer;
  }

  private offsetOf(number: number): number {
    return (this.places[number] as number) % BLOCK_BYTES;
  }

  private lengthAt(number: number): number {
    return this.records.lengthAt(this.blockOf(number), this.offsetOf(number));
  }

  /** Writes the newest record of every token anew, one after the other. */
  private compact(): void {
    const old = this.image();
    this.blocks = [];
    this.used = [];
    this.wasted = 0;
    for (let number = 0; number < this.count; number += 1) {
      const place = old.places[number] as number;
      const block = old.blocks[Math.floor(place / BLOCK_BYTES)] as Buffer;
      const at = place % BLOCK_BYTES;
      this.places[number] = this.add(block.subarray(at, at + this.records.lengthAt(block, at)));
    }
  }
}
