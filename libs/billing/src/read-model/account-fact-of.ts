import type { RecordedEvent } from '#libs/event-log';
import type { AccountFact } from '../domain/index.js';

/** The event as a union that can be told apart by its type; type and data of every event belong together. */
export function accountFactOf(event: RecordedEvent): AccountFact {
  return event as unknown as AccountFact;
}
