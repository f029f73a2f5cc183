import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js';

export interface ChallengeDetails {
  /** Scope that the call needs; for `insufficient_scope`. */
  readonly scope?: string;
  /** Public text of this occurrence; the catalogue's text when absent. */
  readonly detail?: string;
}

const REALM = 'Bearer realm="token-ledger"';

/** Refusals that name no error, because nothing usable was presented (RFC 6750 §3.1). */
const BARE: ReadonlySet<ErrorCode> = new Set(['missing_token', 'wrong_scheme']);
const INVALID_REQUEST: ReadonlySet<ErrorCode> = new Set(['malformed_token', 'checksum_mismatch']);
/** Told apart only when the secret was proven, so the description gives nothing away. */
const PROVEN_BUT_DEAD: ReadonlySet<ErrorCode> = new Set([
  'expired_token',
  'revoked_token',
  'disabled_token',
  'owner_inactive',
]);

/** The value of `WWW-Authenticate` (RFC 6750 §3) that goes with a refusal; null when it carries none. */
export function challengeFor(code: ErrorCode, details: ChallengeDetails = {}): string | null {
  if (BARE.has(code)) return REALM;
  if (INVALID_REQUEST.has(code)) return `${REALM}, error="invalid_request"`;
  if (code === 'unknown_token') return `${REALM}, error="invalid_token"`;
  if (PROVEN_BUT_DEAD.has(code)) {
    const description = quotable(details.detail ?? ERROR_CATALOGUE[code].meaning);
    return `${REALM}, error="invalid_token", error_description="${description}"`;
  }
  if (code !== 'insufficient_scope') return null;
  const scope = details.scope === undefined ? '' : `, scope="${quotable(details.scope)}"`;
  return `${REALM}, error="insufficient_scope"${scope}`;
}

/** Leaves the characters that RFC 6750 allows between the quotes of an attribute, so that no text can break out of it. */
function quotable(text: string): string {
  return text.replaceAll(/["\\]/g, "'").replaceAll(/[^\x20-\x7e]/g, '?');
}
