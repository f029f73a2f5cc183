import { type ErrorCode, refuse, refuseField } from '#libs/contracts';
import type { LedgerError } from '#libs/kernel';
import type { FoundSecret, SecretScrubber } from '../problems/secret-scrubber.js';
import { decodeStrictly, formPairs, repeatedName } from './form-pairs.js';

export interface UrlFault {
  readonly refusal: LedgerError<ErrorCode>;
  /** The token string that stood in the URL; absent when the fault is another one. */
  readonly secret?: FoundSecret;
}

/** Query names under which clients send a token as their credential (RFC 6750 §2.3, which this ledger does not take). */
const CREDENTIAL_NAMES: ReadonlySet<string> = new Set(['access_token', 'token', 'api_key']);

/**
 * What is wrong with a request target, whatever the route: broken escapes, a NUL, a name given twice,
 * a token string, a name that every object inherits (which validators pass over).
 */
export function inspectUrl(target: string, scrubber: SecretScrubber): UrlFault | null {
  const question = target.indexOf('?');
  const path = question === -1 ? target : target.slice(0, question);
  return inspectPath(path, scrubber) ?? (question === -1 ? null : inspectQuery(target.slice(question + 1), scrubber));
}

function inspectPath(path: string, scrubber: SecretScrubber): UrlFault | null {
  const decoded = path.includes('%') ? decodeStrictly(path.replaceAll('+', '%2B')) : path;
  if (decoded === null) return { refusal: refuse('invalid_request', { detail: 'The path holds a broken escape.' }) };
  const secret = scrubber.find(decoded);
  return secret === null ? null : { refusal: refuse('secret_in_request'), secret };
}

function inspectQuery(query: string, scrubber: SecretScrubber): UrlFault | null {
  if (query === '') return null;
  const pairs = formPairs(query);
  if (pairs === null) return { refusal: refuse('invalid_request', { detail: 'The query holds a broken escape.' }) };
  const secret = secretIn(pairs, scrubber);
  if (secret !== null) return secret;
  const repeated = repeatedName(pairs);
  if (repeated !== null) return { refusal: refuseField(repeated, 'is given more than once') };
  const inherited = pairs.find(([name]) => name in Object.prototype)?.[0];
  return inherited === undefined
    ? null
    : { refusal: refuseField(inherited, 'is not known to this call', 'unknown_field') };
}

function secretIn(pairs: readonly (readonly [string, string])[], scrubber: SecretScrubber): UrlFault | null {
  for (const [name, value] of pairs) {
    const secret = scrubber.find(value) ?? scrubber.find(name);
    if (secret === null) continue;
    const isCredential = CREDENTIAL_NAMES.has(name);
    return { refusal: refuse(isCredential ? 'malformed_token' : 'secret_in_request'), secret };
  }
  return null;
}
