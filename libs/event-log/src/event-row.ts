import type { EventMetadata, EventType, NewEvent } from '#libs/contracts';
import type { MayOmit, PositionRange, RecordedEvent } from './event-log.js';
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

/** Takes rows in order, one after the other as they come. */
export interface RowTaker {
  add(row: EventRow): void;
}

/** Takes at most `limit` events of the rows. */
export class RowExpander implements RowTaker {
  readonly events: RecordedEvent[] = [];
  /** Rows that came, and how many events they hold, wanted or not. */
  rows = 0;
  held = 0;
  /** Position of the last event that was taken. */
  reached: Position | undefined;

  private constructor(
    private readonly limit: number,
    /** How many events of a row come too early; none where it is less than 0. */
    private readonly tooEarly: (row: EventRow) => bigint,
  ) {}

  /** Without the events up to and with a position. */
  static after(after: Position, limit: number): RowExpander {
    return new RowExpander(limit, (row) => after - (row.lastPosition - BigInt(row.count)));
  }

  /** Of a stream: without the events before a revision. */
  static from(from: bigint, limit: number): RowExpander {
    return new RowExpander(limit, (row) => from - 1n - (row.lastRevision - BigInt(row.count)));
  }

  get isFull(): boolean {
    return this.events.length >= this.limit;
  }

  add(row: EventRow): void {
    const { events, limit } = this;
    // Rows are in order: behind the first event that is wanted all are.
    const skipped = events.length > 0 ? 0 : Math.min(row.count, Math.max(0, Number(this.tooEarly(row))));
    this.rows += 1;
    this.held += row.count;
    const wanted = Math.min(row.count - skipped, limit - events.length);
    if (wanted <= 0) return;
    expandPart(split(row), { from: skipped, to: skipped + wanted }, events);
    this.reached = (row.lastPosition - BigInt(row.count - skipped - wanted)) as Position;
  }
}

/** Takes the events that lie in some ranges, which are in order and do not meet. A row may come twice. */
export class RangeExpander implements RowTaker {
  readonly events: RecordedEvent[] = [];
  private index = 0;
  private reached = -1n;

  constructor(
    private readonly ranges: readonly PositionRange[],
    private readonly mayOmit: MayOmit | undefined,
  ) {}

  add(row: EventRow): void {
    if (row.lastPosition <= this.reached) return;
    this.reached = row.lastPosition;
    const start = row.lastPosition - BigInt(row.count) + 1n;
    const texts = split(row);
    for (let range = this.ranges[this.index]; range !== undefined; range = this.ranges[this.index]) {
      const from = Math.max(0, Number(range.first - start));
      const to = Math.min(row.count, Number(range.last - start) + 1);
      if (from < to) expandPart(texts, { from, to }, this.events, this.mayOmit);
      // The next row may lie in it, too.
      if (range.last >= row.lastPosition) return;
      this.index += 1;
    }
  }
}

interface Part {
  /** Index of the first event of the row that is wanted, and that behind the last one. */
  readonly from: number;
  readonly to: number;
}

/** A row, and the text of each of its events. */
interface SplitRow {
  readonly row: EventRow;
  readonly lines: readonly string[];
}

function split(row: EventRow): SplitRow {
  return { row, lines: row.count === 1 ? [row.events] : row.events.split('\n') };
}

/** Adds some events of a row to `events`. What is not wanted is not parsed. */
function expandPart({ row, lines }: SplitRow, { from, to }: Part, events: RecordedEvent[], mayOmit?: MayOmit): void {
  const distance = BigInt(row.count - 1 - from);
  let revision = row.lastRevision - distance;
  let position = row.lastPosition - distance;
  for (let index = from; index < to; index += 1) {
    const line = lines[index] as string;
    if (mayOmit?.(line) !== true) events.push(recordedEvent(row, line, { revision, position }));
    revision += 1n;
    position += 1n;
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

/** The events of rows in order that lie in the ranges. */
export function eventsWithin(
  rows: Iterable<EventRow>,
  ranges: readonly PositionRange[],
  mayOmit?: MayOmit,
): RecordedEvent[] {
  const expander = new RangeExpander(ranges, mayOmit);
  for (const row of rows) expander.add(row);
  return expander.events;
}
