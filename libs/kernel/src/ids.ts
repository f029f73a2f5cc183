import { createHash, randomFillSync, randomUUID } from 'node:crypto';
import { timeOf26, timeOrdered26 } from './base-n.js';

/** Kinds of typed ids: prefix, `_`, 26 characters, time-ordered. */
export type UidPrefix = 'tok' | 'org' | 'usr' | 'chg' | 'grt' | 'use' | 'evt' | 'ins' | 'req' | 'job' | 'exp';
export type Uid<P extends UidPrefix = UidPrefix> = `${P}_${string}`;

const UID_SUFFIX = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** True when `text` is a well-formed id of one of `prefixes`. */
export function isUid<P extends UidPrefix>(text: unknown, ...prefixes: P[]): text is Uid<P> {
  return (
    typeof text === 'string' &&
    text[3] === '_' &&
    prefixes.includes(text.slice(0, 3) as P) &&
    UID_SUFFIX.test(text.slice(4))
  );
}

/**
 * Where ids of one command come from. All ids of a command are drawn from one seed in a fixed order: repeating the
 * command with its seed gives the same ids, so a retry with unknown outcome is the same append and not a second one.
 */
export abstract class IdSource {
  /** A typed id, time-ordered. */
  abstract uid<P extends UidPrefix>(prefix: P): Uid<P>;
  /** A UUID, for event ids. */
  abstract uuid(): string;
}

/** Fresh ids from the system's random generator. */
export class RandomIds extends IdSource {
  private readonly pool = new Uint8Array(4096);
  private used = this.pool.length;

  constructor(private readonly now: () => number) {
    super();
  }

  uid<P extends UidPrefix>(prefix: P): Uid<P> {
    return `${prefix}_${timeOrdered26(this.now(), this.take(10))}`;
  }

  uuid(): string {
    return randomUUID();
  }

  private take(count: number): Uint8Array {
    if (this.used + count > this.pool.length) {
      randomFillSync(this.pool);
      this.used = 0;
    }
    const bytes = this.pool.subarray(this.used, this.used + count);
    this.used += count;
    return bytes;
  }
}

/** Ids drawn from `seed`: the n-th id is always the same. `epochMs` is the instant that its time-ordered ids carry. */
export class SeededIds extends IdSource {
  private drawn = 0;

  constructor(
    private readonly seed: string,
    private readonly epochMs: number,
  ) {
    super();
  }

  uid<P extends UidPrefix>(prefix: P): Uid<P> {
    return `${prefix}_${timeOrdered26(this.epochMs, this.next())}`;
  }

  uuid(): string {
    return formatUuid(this.next());
  }

  private next(): Uint8Array {
    this.drawn += 1;
    return sha256(`${this.seed}\u0000${this.drawn}`);
  }
}

/** The UUID (version 8) that belongs to these parts: the same parts, the same id. */
export function uuidFrom(...parts: readonly string[]): string {
  return formatUuid(sha256(parts.join('\u0000')));
}

/** The typed id that belongs to these parts; its time part is `epochMs`. */
export function uidFrom<P extends UidPrefix>(prefix: P, epochMs: number, ...parts: readonly string[]): Uid<P> {
  return `${prefix}_${timeOrdered26(epochMs, sha256(parts.join('\u0000')))}`;
}

/** The instant that a typed id carries, in ms since 1970; NaN of anything else. */
export function timeOfUid(uid: string): number {
  return UID_SUFFIX.test(uid.slice(4)) ? timeOf26(uid.slice(4)) : NaN;
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}

/** The UUID (version 8) of these bytes. */
function formatUuid(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString('hex');
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
