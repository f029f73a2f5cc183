import { refuse } from './errors/refuse.js';

/** What an `Authorization` header holds. */
export interface AuthorizationHeader {
  /** In lower case, because schemes are case-insensitive (RFC 9110 §11.1); empty when the header begins with none. */
  readonly scheme: string;
  /** What follows the scheme; empty when nothing does. A secret: never log it. */
  readonly token: string;
  /** True when blanks around the token or the scheme were left out, of which the client is warned. */
  readonly trimmed: boolean;
}

const SCHEME_THEN_TOKEN = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]+(.*))?$/s;
/** A longer "scheme" is a token that was sent without one. */
const SCHEME_LENGTH_MAX = 32;

/**
 * Takes an `Authorization` header apart; null when there is none, or an empty one.
 * Throws `malformed_token` when the header came more than once.
 */
export function parseAuthorization(header: string | readonly string[] | undefined): AuthorizationHeader | null {
  if (header === undefined) return null;
  if (typeof header !== 'string') {
    if (header.length > 1) throw refuse('malformed_token', { detail: 'The request has two Authorization headers.' });
    return parseAuthorization(header[0]);
  }
  const text = header.trim();
  if (text === '') return null;
  const match = SCHEME_THEN_TOKEN.exec(text);
  const scheme = match?.[1] ?? '';
  if (scheme === '' || scheme.length > SCHEME_LENGTH_MAX) return { scheme: '', token: '', trimmed: false };
  const token = match?.[2] ?? '';
  const plainLength = scheme.length + (token === '' ? 0 : 1 + token.length);
  const trimmed = header.length !== plainLength || text[scheme.length] === '\t';
  return { scheme: scheme.toLowerCase(), token, trimmed };
}

/**
 * The bearer token of an `Authorization` header (RFC 6750 §2.1), not yet checked in any way.
 * Throws `missing_token`, `wrong_scheme`, or `malformed_token` when the header came twice or holds no token.
 */
export function bearerToken(header: string | readonly string[] | undefined): { token: string; trimmed: boolean } {
  const parsed = parseAuthorization(header);
  if (parsed === null) throw refuse('missing_token');
  if (parsed.scheme !== 'bearer') throw refuse('wrong_scheme');
  if (parsed.token === '') throw refuse('malformed_token', { detail: 'Nothing follows the scheme Bearer.' });
  return { token: parsed.token, trimmed: parsed.trimmed };
}
