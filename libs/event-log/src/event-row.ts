import type { EventMetadata, EventType, NewEvent } from '#libs/contracts';
import type { RecordedEvent } from './event-log.js';
import { START, type Position } from './position.js';

/** A row of the log: the events that one flush added to one stream, which stand together in the stream and in the log. */
export interface EventRow {
  readonly stream: string;
  /** Of its last event; the ones before it count down from there. */
  readonly lastPosition: bigint;
  readonly lastRevision: bigint;
  readonly count: number;
  /** RFC 3339. */
  readonly recordedAt: string;
  /** The events' canonical texts, separated by newlines. */
  readonly events: string;
}

interface EventText {
  readonly id: string;
  readonly type: EventType;
  readonly data: NewEvent['data'];
  readonly metadata: EventMetadata;
  readonly private?: Readonly<Record<string, string>>;
}

/** At most `limit` events of a row, in order, without the first `skipped`; what is not wanted is not parsed. */
function expandRow(row: EventRow, skipped: number, limit: number): RecordedEvent[] {
  const { stream, recordedAt } = row;
  const distance = BigInt(row.count - 1 - skipped);
  let revision = row.lastRevision - distance;
  let position = row.lastPosition - distance;
  const events: RecordedEvent[] = [];
  for (const line of row.events.split('\n').slice(skipped, skipped + limit)) {
    const text = JSON.parse(line) as EventText;
    const { id, type, data, metadata } = text;
    const event = { id, type, data, metadata, stream, revision, position: position as Position, recordedAt };
    events.push(text.private === undefined ? event : { ...event, private: text.private });
    revision += 1n;
    position += 1n;
  }
  return events;
}

/** At most `limit` events of rows that are in order, without those up to `after` in the first one. */
export function eventsAfter(rows: Iterable<EventRow>, after: Position, limit: number): RecordedEvent[] {
  return collect(rows, limit, (row) => after - (row.lastPosition - BigInt(row.count)));
}

/** At most `limit` events of a stream's rows that are in order, without those before revision `from` in the first one. */
export function eventsFrom(rows: Iterable<EventRow>, from: bigint, limit: number): RecordedEvent[] {
  return collect(rows, limit, (row) => from - 1n - (row.lastRevision - BigInt(row.count)));
}

/** `unwanted`: how many of a row's events come too early; none where it is less than 0. */
function collect(rows: Iterable<EventRow>, limit: number, unwanted: (row: EventRow) => bigint): RecordedEvent[] {
  const events: RecordedEvent[] = [];
  for (const row of rows) {
    if (events.length >= limit) break;
    const skipped = Math.min(row.count, Math.max(0, Number(unwanted(row))));
    for (const event of expandRow(row, skipped, limit - events.length)) events.push(event);
  }
  return events;
}

/** Position of the last of `rows`, START when there are none. */
export function lastPositionOf(rows: readonly EventRow[]): Position {
  return (rows[rows.length - 1]?.lastPosition ?? START) as Position;
}
