import type { NewEvent } from '#libs/contracts';
import { RandomIds } from '#libs/kernel';
import type { ManualClock } from '#libs/kernel/testing';
import type { EventLog, ExpectedRevision, RecordedEvent, StreamAppend } from '../event-log.js';
import { type Position, START } from '../position.js';

/** An empty log of its own, as the contract suite wants it from an adapter. */
export interface LogUnderTest {
  readonly log: EventLog;
  /**
   * True where the store tells one position for all that a flush added to a stream: a request may then be answered with
   * the position of a later event of its flush.
   */
  readonly answersEndOfFlush?: true;
  /** Another log over the same events, as a second process would open it. */
  reopen(): Promise<EventLog>;
  /** Closes all of them and removes what they stored. */
  close(): Promise<void>;
}

/** `clock` gives the instants of appends. */
export type OpenLog = (clock: ManualClock) => Promise<LogUnderTest>;

const ids = new RandomIds(() => 0);
let streams = 0;

export function eventId(): string {
  return ids.uuid();
}

/** A stream that no other test uses, of category `security` unless the prefix says otherwise. */
export function newStream(prefix: 'token' | 'account' | 'usage' = 'token'): string {
  streams += 1;
  return `${prefix}-${streams}-${ids.uid('tok')}`;
}

export function newEvents(count = 1, ip = '127.0.0.1'): NewEvent[] {
  return Array.from({ length: count }, () => ({
    id: eventId(),
    type: 'TokenSeen',
    data: { tokenUid: 'tok_1', tokenPrefix: 'tlp_1', owner: { type: 'user', uid: 'usr_1' }, ip, userAgent: null },
    metadata: { requestId: 'req_1', actorType: 'system', actorUid: 'contract' },
  }));
}

/** The append of `count` new events to a stream. */
export function appendOf(stream: string, expected: ExpectedRevision, count = 1): StreamAppend {
  return { stream, expected, events: newEvents(count) };
}

/** Everything that stands after `after`, read in batches of `limit`. */
export async function readToEnd(log: EventLog, after: Position = START, limit = 1_000): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let next = after; ;) {
    const batch = await log.readAll({ after: next, limit });
    events.push(...batch.events);
    if (batch.events.length < limit) return events;
    next = batch.next;
  }
}

export const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);
