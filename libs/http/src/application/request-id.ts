import type { IncomingMessage } from 'node:http';
import type { IdSource } from '#libs/kernel';
import type { SecretScrubber } from '../problems/secret-scrubber.js';

const ACCEPTED = /^[\x21-\x7e]{1,128}$/;

/**
 * The client's `X-Request-Id` when it is 1 to 128 visible ASCII characters, else a new one; also where it holds a token
 * string, because it is written to the log and to events.
 */
export function requestIdOf(
  request: Pick<IncomingMessage, 'headers'>,
  { ids, scrubber }: { readonly ids: IdSource; readonly scrubber: SecretScrubber },
): string {
  const header = request.headers['x-request-id'];
  if (typeof header !== 'string' || !ACCEPTED.test(header)) return ids.uid('req');
  return scrubber.find(header) === null ? header : ids.uid('req');
}
