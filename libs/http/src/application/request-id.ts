import type { IncomingMessage } from 'node:http';
import type { IdSource } from '#libs/kernel';

const ACCEPTED = /^[\x21-\x7e]{1,128}$/;

/** The client's `X-Request-Id` when it is 1 to 128 visible ASCII characters, else a new one. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>, ids: IdSource): string {
  const header = request.headers['x-request-id'];
  return typeof header === 'string' && ACCEPTED.test(header) ? header : ids.uid('req');
}
