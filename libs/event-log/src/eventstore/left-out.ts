import type { NewEvent } from '#libs/contracts';
import { uuidFrom } from '#libs/kernel';
import { encodeEvent } from '../event-text.js';
import { type EventToStore, toStore } from './event-codec.js';

/**
 * The server counts a stream's events from 0 without a gap. Where usage was dropped by age in the log that a stream was
 * moved from, an empty event of this type stands in the place of each, which no reader of the log ever sees.
 */
const LEFT_OUT = 'UsageLeftOut';

/** True for an event that only takes a place. */
export function isLeftOut({ type }: { readonly type: string }): boolean {
  return type === LEFT_OUT;
}

/** The events in the place of revisions `from` to `to`; the same whenever they are made, so that making them again is safe. */
export function leftOut(
  stream: string,
  { from, to }: { from: bigint; to: bigint },
  recordedAt: string,
): EventToStore[] {
  const events: EventToStore[] = [];
  for (let revision = from; revision <= to; revision += 1n) {
    const event = { id: uuidFrom(LEFT_OUT, stream, revision.toString()), type: LEFT_OUT, data: {}, metadata: {} };
    events.push(toStore(encodeEvent(event as unknown as NewEvent), recordedAt));
  }
  return events;
}
