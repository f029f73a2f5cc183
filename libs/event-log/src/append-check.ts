import { categoryOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import type { AppendRequest } from './event-log.js';

const STREAM_NAME = /^[^\u0000-\u0020\u007f\ud800-\udfff]{1,250}$/u;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Throws InvariantViolation for a request that no adapter takes: without streams or events, with a stream named twice,
 * a name that is empty, longer than 250 or holds blanks or control characters, a negative revision, or an event id that
 * is not a UUID. Checked before anything is queued, so that a mistake never fails the requests beside it.
 */
export function checkRequest(request: AppendRequest): void {
  assert(request.streams.length > 0, 'an append request names at least one stream');
  const restsOnSecurity = request.securityAt !== undefined;
  const names = new Set<string>();
  for (const { stream, expected, events } of request.streams) {
    assert(isStreamName(stream), `not a stream name: ${JSON.stringify(stream)}`);
    assert(!restsOnSecurity || categoryOf(stream) !== 'security', `${stream} is written under securityAt`);
    assert(!names.has(stream), `stream ${stream} is named twice in one request`);
    assert(typeof expected !== 'bigint' || expected >= 0n, `expected revision of ${stream} is negative`);
    assert(events.length > 0, `the append to ${stream} has no events`);
    for (const event of events) assert(UUID.test(event.id), `not a UUID: event id in the append to ${stream}`);
    names.add(stream);
  }
}

const KNOWN_MAX = 10_000;
const knownNames = new Set<string>();

/** A busy process writes to few streams, over and over. */
function isStreamName(name: string): boolean {
  if (knownNames.has(name)) return true;
  if (!STREAM_NAME.test(name)) return false;
  if (knownNames.size >= KNOWN_MAX) knownNames.clear();
  knownNames.add(name);
  return true;
}
