/** An address as its bits, most significant first. */
interface Address {
  readonly bytes: readonly number[];
}

interface Block extends Address {
  /** Leading bits that count. */
  readonly bits: number;
}

const DECIMAL = /^(0|[1-9][0-9]{0,2})$/;
const GROUP = /^[0-9a-fA-F]{1,4}$/;
const MAPPED_BITS = 96;

/** True for a CIDR block or a single address, of IPv4 or IPv6. Host bits may be set: `10.0.0.1/8` is `10.0.0.0/8`. */
export function isCidr(text: string): boolean {
  return parseBlock(text) !== null;
}

/**
 * True when the address lies in one of the blocks. An IPv4 address that comes wrapped into IPv6 (`::ffff:192.0.2.1`)
 * is the IPv4 address that it is. What cannot be read lies nowhere.
 */
export function ipInCidrs(ip: string, cidrs: readonly string[]): boolean {
  // A link-local address may name the interface that it came by.
  const address = parseAddress(ip.split('%', 1)[0] ?? '');
  if (address === null) return false;
  return cidrs.some((cidr) => {
    const block = parseBlock(cidr);
    return block !== null && block.bytes.length === address.bytes.length && sameBits(address, block);
  });
}

function sameBits(address: Address, block: Block): boolean {
  return block.bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, block.bits - index * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    return ((byte ^ (address.bytes[index] ?? 0)) & mask) === 0;
  });
}

function parseBlock(text: string): Block | null {
  const [host = '', length, more] = text.split('/');
  const wide = parseWide(host);
  const narrow = wide === null ? parseV4(host) : null;
  const bytes = wide ?? narrow;
  if (bytes === null || more !== undefined) return null;
  const bitsMax = bytes.length * 8;
  const bits = length === undefined ? bitsMax : DECIMAL.test(length) ? Number(length) : bitsMax + 1;
  if (bits > bitsMax) return null;
  return wide !== null && isMapped(wide) && bits >= MAPPED_BITS
    ? { bytes: wide.slice(12), bits: bits - MAPPED_BITS }
    : { bytes, bits };
}

function parseAddress(text: string): Address | null {
  const narrow = parseV4(text);
  if (narrow !== null) return { bytes: narrow };
  const wide = parseWide(text);
  if (wide === null) return null;
  return { bytes: isMapped(wide) ? wide.slice(12) : wide };
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
}

function parseV4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => DECIMAL.test(part) && Number(part) <= 255)) return null;
  return parts.map(Number);
}

/** The 16 bytes of an IPv6 address (RFC 4291 §2.2); null when it is not one. */
function parseWide(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return null;
  const left = parseGroups(halves[0] ?? '', halves.length === 1);
  const right = halves.length === 2 ? parseGroups(halves[1] ?? '', true) : [];
  if (left === null || right === null) return null;
  const missing = 16 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return [...left, ...Array.from({ length: missing }, () => 0), ...right];
}

/** Bytes of groups between colons; the last one of an address may be an IPv4 address. */
function parseGroups(text: string, isEnd: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const narrow = isEnd && index === groups.length - 1 ? parseV4(group) : null;
    if (narrow === null && !GROUP.test(group)) return null;
    const value = Number.parseInt(group, 16);
    bytes.push(...(narrow ?? [value >> 8, value & 0xff]));
  }
  return bytes;
}
