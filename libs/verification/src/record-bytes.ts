import { fromInstant, toInstant } from '#libs/kernel';

const NONE = 0;
const EPOCH = 1;
const TEXT = 2;
const DIGEST_BYTES = 32;
const DIGEST = /^[0-9a-f]{64}$/;
const START_SIZE = 1_024;

/** Writes the fields of one record, one after the other, into memory that the next record takes again. */
export class RecordWriter {
  private bytes = Buffer.allocUnsafe(START_SIZE);
  private end = 0;

  begin(): void {
    this.end = 0;
  }

  /** What was written since `begin`; good until the next one. */
  get written(): Buffer {
    return this.bytes.subarray(0, this.end);
  }

  /** A whole number from 0 to 2⁵³ − 1; small ones take one byte. */
  number(value: number): void {
    this.reserve(8);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.bytes[this.end++] = (rest % 128) | 0x80;
    this.bytes[this.end++] = rest;
  }

  text(text: string): void {
    const length = Buffer.byteLength(text);
    this.number(length);
    this.reserve(length);
    this.end += this.bytes.write(text, this.end);
  }

  /** An RFC 3339 instant, or null: as a number where that gives the very same text back. */
  instant(instant: string | null): void {
    if (instant === null) return this.number(NONE);
    const epochMs = fromInstant(instant);
    if (!Number.isFinite(epochMs) || toInstant(epochMs) !== instant) {
      this.number(TEXT);
      return this.text(instant);
    }
    this.number(EPOCH);
    this.reserve(8);
    this.end = this.bytes.writeDoubleLE(epochMs, this.end);
  }

  /** A digest in hexadecimal, or null: as its 32 bytes where it is one. */
  digest(digest: string | null): void {
    if (digest === null) return this.number(NONE);
    if (!DIGEST.test(digest)) {
      this.number(TEXT);
      return this.text(digest);
    }
    this.number(EPOCH);
    this.reserve(DIGEST_BYTES);
    this.end += this.bytes.write(digest, this.end, 'hex');
  }

  private reserve(length: number): void {
    if (this.end + length <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + length));
    this.bytes.copy(larger);
    this.bytes = larger;
  }
}

/** Reads what a RecordWriter wrote, field by field in the same order. */
export class RecordReader {
  constructor(
    private readonly bytes: Buffer,
    private at: number,
  ) {}

  /** Where the next field begins. */
  get position(): number {
    return this.at;
  }

  number(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  text(): string {
    const length = this.number();
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  instant(): string | null {
    const kind = this.number();
    if (kind === NONE) return null;
    if (kind === TEXT) return this.text();
    this.at += 8;
    return toInstant(this.bytes.readDoubleLE(this.at - 8));
  }

  /** The same in epoch milliseconds. */
  instantMs(): number | null {
    const kind = this.number();
    if (kind === NONE) return null;
    if (kind === TEXT) return fromInstant(this.text());
    this.at += 8;
    return this.bytes.readDoubleLE(this.at - 8);
  }

  digest(): string | null {
    const kind = this.number();
    if (kind === NONE) return null;
    if (kind === TEXT) return this.text();
    this.at += DIGEST_BYTES;
    return this.bytes.toString('hex', this.at - DIGEST_BYTES, this.at);
  }

  skipText(): void {
    const length = this.number();
    this.at += length;
  }

  skipInstant(): void {
    this.skip(8);
  }

  skipDigest(): void {
    this.skip(DIGEST_BYTES);
  }

  private skip(length: number): void {
    const kind = this.number();
    if (kind === TEXT) this.skipText();
    else if (kind === EPOCH) this.at += length;
  }
}
