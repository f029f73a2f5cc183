import { fromInstant, timeOrdered26 } from '#libs/kernel';

/** Public id of an entry: the instant and 80 bits of the event's id. */
export function entryUidOf(eventId: string, occurredAt: string): string {
  const random = Buffer.from(eventId.replaceAll('-', ''), 'hex');
  return `evt_${timeOrdered26(fromInstant(occurredAt), random)}`;
}
