import type { RecordedEvent } from '#libs/event-log';
import { accountFactOf } from '../read-model/account-fact-of.js';
import type { FeedEntry } from './charge-event.js';

/** The entry that an event of an account is in its feed; null when it is none: feeds show charges and reversals. */
export function feedEntryOf(event: RecordedEvent): FeedEntry | null {
  const { type, data } = accountFactOf(event);
  if (!('chargeNumber' in data)) return null;
  const { metadata, recordedAt } = event;
  return {
    accountUid: data.accountUid,
    type,
    data,
    occurredAt: metadata['occurredAt'] ?? recordedAt,
    recordedAt,
    correlationId: metadata['$correlationId'] ?? null,
    credential: metadata['credential'] ?? null,
  };
}
