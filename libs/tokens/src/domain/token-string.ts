import type { TokenType } from '#libs/contracts';
import { base62, randomBase62 } from '#libs/kernel';
import { crc32 } from './crc32.js';

/**
 * Second part of the head of a token string: p personal, o organization, s service, c client, f frontend, a admin,
 * m monitoring, d device sign-in.
 */
export type TokenKind = 'p' | 'o' | 's' | 'c' | 'f' | 'a' | 'm' | 'd';

const KINDS = 'poscfamd';
const BASE62 = /^[0-9A-Za-z]+$/;
const KEY_ID_LENGTH = 16;
const SECRET_LENGTH = 43;
const CRC_LENGTH = 6;
const SHOWN_LENGTH = 8;

export const KIND_OF_TYPE: Readonly<Record<TokenType, TokenKind>> = {
  personal: 'p',
  organization: 'o',
  client: 'c',
  frontend: 'f',
  admin: 'a',
  monitoring: 'm',
};

/** What the shape of a token string tells; nothing is proven by it. */
export type ParsedTokenString =
  | { readonly ok: true; readonly kind: TokenKind; readonly keyId: string; readonly prefix: string }
  | { readonly ok: false; readonly code: 'malformed_token' | 'checksum_mismatch' };

const MALFORMED: ParsedTokenString = { ok: false, code: 'malformed_token' };
const MISMATCH: ParsedTokenString = { ok: false, code: 'checksum_mismatch' };

/** Takes a token string of this brand apart: constant length, ASCII, checksum. A typing error ends here, before any look-up. */
export function parseTokenString(text: string, brand: string): ParsedTokenString {
  const head = brand.length + 1;
  const secretAt = head + 1 + KEY_ID_LENGTH + 1;
  const length = secretAt + SECRET_LENGTH + CRC_LENGTH;
  if (text.length !== length || !text.startsWith(brand)) return MALFORMED;
  const kind = text.charAt(brand.length);
  const keyId = text.slice(head + 1, secretAt - 1);
  const isShaped = KINDS.includes(kind) && text.charAt(head) === '_' && text.charAt(secretAt - 1) === '_';
  if (!isShaped || !BASE62.test(keyId) || !BASE62.test(text.slice(secretAt))) return MALFORMED;
  const body = text.slice(0, -CRC_LENGTH);
  if (text.slice(-CRC_LENGTH) !== checksum(body)) return MISMATCH;
  return { ok: true, kind: kind as TokenKind, keyId, prefix: shownPrefix(brand, kind as TokenKind, keyId) };
}

/** What lists, logs and errors show in place of a token: brand, kind, `_` and the first 8 digits of keyId. */
export function shownPrefix(brand: string, kind: TokenKind, keyId: string): string {
  return `${brand}${kind}_${keyId.slice(0, SHOWN_LENGTH)}`;
}

export interface TokenParts {
  readonly brand: string;
  readonly kind: TokenKind;
  /** 16 base62 digits. */
  readonly keyId: string;
  /** 43 base62 digits. */
  readonly secret: string;
}

/** The token string of these parts, with its checksum. */
export function formatTokenString({ brand, kind, keyId, secret }: TokenParts): string {
  const body = `${brand}${kind}_${keyId}_${secret}`;
  return `${body}${checksum(body)}`;
}

/** Draws a new token string; `randomBytes` must be a cryptographically secure generator. The answer is a secret. */
export function drawTokenString(
  brand: string,
  kind: TokenKind,
  randomBytes: (count: number) => Uint8Array,
): { readonly text: string; readonly keyId: string; readonly prefix: string } {
  const keyId = randomBase62(KEY_ID_LENGTH, randomBytes);
  const secret = randomBase62(SECRET_LENGTH, randomBytes);
  return { text: formatTokenString({ brand, kind, keyId, secret }), keyId, prefix: shownPrefix(brand, kind, keyId) };
}

const ANYWHERE = /[a-z][a-z0-9]{1,7}[poscfamd]_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}/;

/** True when a whole token string, of whatever brand, stands somewhere in the text. */
export function holdsTokenString(text: string): boolean {
  return ANYWHERE.test(text);
}

function checksum(body: string): string {
  return base62(crc32(body), CRC_LENGTH);
}
