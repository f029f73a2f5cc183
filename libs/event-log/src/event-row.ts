import type { EventMetadata, EventType, NewEvent } from '#libs/contracts';
import type { RecordedEvent } from './event-log.js';
import type { Position } from './position.js';

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

/** Tells of the canonical text of an event that it is not wanted. */
export type MayOmit = (text: string) => boolean;

/** Takes rows in order, one after the other as they come, and at most `limit` of their events. */
export class RowExpander {
  readonly events: RecordedEvent[] = [];
  /** Rows that came, and how many events they hold, wanted or not. */
  rows = 0;
  held = 0;
  /** Events taken, those that were left out included, and the position of the last of them. */
  taken = 0;
  reached: Position | undefined;

  private constructor(
    private readonly limit: number,
    /** How many events of a row come too early; none where it is less than 0. */
    private readonly tooEarly: (row: EventRow) => bigint,
    private readonly mayOmit: MayOmit | undefined,
  ) {}

  /** Without the events up to and with a position. */
  static after(after: Position, limit: number, mayOmit?: MayOmit): RowExpander {
    return new RowExpander(limit, (row) => after - (row.lastPosition - BigInt(row.count)), mayOmit);
  }

  /** Of a stream: without the events before a revision. */
  static from(from: bigint, limit: number): RowExpander {
    return new RowExpander(limit, (row) => from - 1n - (row.lastRevision - BigInt(row.count)), undefined);
  }

  get isFull(): boolean {
    return this.taken >= this.limit;
  }

  add(row: EventRow): void {
    // Rows are in order: behind the first event that is wanted all are.
    const skipped = this.taken > 0 ? 0 : Math.min(row.count, Math.max(0, Number(this.tooEarly(row))));
    this.rows += 1;
    this.held += row.count;
    const wanted = Math.min(row.count - skipped, this.limit - this.taken);
    if (wanted > 0) this.expand(row, skipped, wanted);
  }

  /** What is not wanted is not parsed. */
  private expand(row: EventRow, skipped: number, wanted: number): void {
    const distance = BigInt(row.count - 1 - skipped);
    let revision = row.lastRevision - distance;
    let position = row.lastPosition - distance;
    const lines = row.count === 1 ? [row.events] : row.events.split('\n');
    for (let index = skipped; index < skipped + wanted; index += 1) {
      const line = lines[index] as string;
      if (this.mayOmit?.(line) !== true) this.events.push(recordedEvent(row, line, { revision, position }));
      revision += 1n;
      position += 1n;
    }
    this.taken += wanted;
    this.reached = (position - 1n) as Position;
  }
}

function recordedEvent(
  { stream, recordedAt }: EventRow,
  line: string,
  { revision, position }: { readonly revision: bigint; readonly position: bigint },
): RecordedEvent {
  const text = JSON.parse(line) as EventText;
  const { id, type, data, metadata } = text;
  const event = { id, type, data, metadata, stream, revision, position: position as Position, recordedAt };
  return text.private === undefined ? event : { ...event, private: text.private };
}

/** At most `limit` events of a stream's rows that are in order, without those before revision `from`. */
export function eventsFrom(rows: Iterable<EventRow>, from: bigint, limit: number): RecordedEvent[] {
  return expand(rows, RowExpander.from(from, limit)).events;
}

/** The expander, with what it takes of rows that are there already. */
export function expand(rows: Iterable<EventRow>, expander: RowExpander): RowExpander {
  for (const row of rows) {
    if (expander.isFull) break;
    expander.add(row);
  }
  return expander;
}
