const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** `value` in base62 (digits in the order 0-9A-Za-z), left-padded with `0` to `length`. */
export function base62(value: number, length: number): string {
  let rest = value;
  let text = '';
  while (rest > 0 || text.length < length) {
    text = (BASE62[rest % 62] ?? '') + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** `length` base62 digits, each uniform: bytes of 248 and more are drawn again, so no digit is likelier than another. */
export function randomBase62(length: number, randomBytes: (count: number) => Uint8Array): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length + 8)) {
      if (byte < 248 && text.length < length) text += BASE62[byte % 62];
    }
  }
  return text;
}

/** 26 characters of Crockford base32: 48 bits of milliseconds, then 80 bits; sorts by time (the ULID layout). */
export function timeOrdered26(epochMs: number, random80: Uint8Array): string {
  // Under load many ids are made in one millisecond.
  if (epochMs !== lastMs) {
    lastHead = base32Of48Bits(epochMs);
    lastMs = epochMs;
  }
  return lastHead + base32Of80Bits(random80);
}

/** The milliseconds that `timeOrdered26` began with. */
export function timeOf26(text: string): number {
  let epochMs = 0;
  for (const digit of text.slice(0, 10)) epochMs = epochMs * 32 + CROCKFORD.indexOf(digit);
  return epochMs;
}

let lastMs = NaN;
let lastHead = '';

function base32Of48Bits(value: number): string {
  let rest = value;
  let text = '';
  for (let digit = 0; digit < 10; digit += 1) {
    text = (CROCKFORD[rest % 32] ?? '') + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/** Two digits for each value of 10 bits. */
const PAIRS: readonly string[] = [...CROCKFORD].flatMap((high) => [...CROCKFORD].map((low) => high + low));

function base32Of80Bits(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let buffer = 0;
  for (let index = 0; index < 10; index += 1) {
    buffer = (buffer << 8) | (bytes[index] ?? 0);
    bits += 8;
    if (bits < 10) continue;
    bits -= 10;
    text += PAIRS[buffer >>> bits] ?? '';
    buffer &= (1 << bits) - 1;
  }
  return text;
}
