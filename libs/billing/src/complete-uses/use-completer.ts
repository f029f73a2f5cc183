import type { NewEvent } from '#libs/contracts';
import {
  comparePositions,
  type EventLog,
  laterPosition,
  type Position,
  type RecordedEvent,
  RevisionConflict,
} from '#libs/event-log';
import { type Clock, fromInstant } from '#libs/kernel';
import { type MissingUse, useOfCharge } from '../account-ledger/remembered-use.js';
import type { CompletionProgress } from './completion-progress.js';

export interface UseCompleterOptions {
  readonly log: EventLog;
  readonly progress: CompletionProgress;
  readonly clock: Clock;
  /** A charge that is younger may still be at work; default 30,000. */
  readonly graceMs?: number;
  /** Charges without their use that are remembered at once; default 10,000. */
  readonly openMax?: number;
  /** Events read in one call; default 1,000. */
  readonly pageSize?: number;
}

/** What a run has done. */
export interface Completion {
  /** Charges of uses that were looked at. */
  readonly charges: number;
  readonly completed: number;
  /** Without their use, and too young to say, or overtaken by another writer: for the next run. */
  readonly left: number;
}

/** A charge whose TokenUsed has not been read. */
interface OpenUse extends MissingUse {
  /** The log up to here does not hold the charge. */
  readonly before: Position;
  readonly recordedAt: number;
}

const GRACE_MS = 30_000;
const OPEN_MAX = 10_000;
const PAGE_SIZE = 1_000;
const LONG_AGO = '0001-01-01T00:00:00.000Z';
const ASK_AGAIN_MS = 3_600_000;

/**
 * Writes the TokenUsed of charges whose process died before it could, on a log that may part a request. A use is missing
 * when the log was read from its charge up to a position without meeting it, and its usage stream holds nothing after
 * that position; it is written under the revision at which that was so. Any number of processes may do this at once, and
 * the one that made the charge may live after all: of each use one TokenUsed stands in the log.
 */
export class UseCompleter {
  private readonly options: Required<UseCompleterOptions>;
  private dropped: { position: Position; askedAt: number } | null = null;

  constructor(options: UseCompleterOptions) {
    this.options = { graceMs: GRACE_MS, openMax: OPEN_MAX, pageSize: PAGE_SIZE, ...options };
  }

  /** Looks at everything that was charged since the last run. Throws what the log and the progress throw. */
  async run(): Promise<Completion> {
    const { progress, openMax } = this.options;
    let [charges, completed, left] = [0, 0, 0];
    for (let from = laterPosition(await progress.read(), await this.droppedUpTo()); ;) {
      const scan = new UseScan(from, openMax);
      const scanned = await this.scan(scan);
      const { done, open } = await this.complete(scan.open, scanned);
      const rest = open.reduce<Position | null>((first, { before }) => earlier(first, before), null);
      await progress.advance(earlier(rest, scan.unread ?? scanned));
      charges += scan.charges;
      completed += done;
      left += open.length;
      if (scan.unread === null) return { charges, completed, left };
      from = scan.unread;
    }
  }

  /** Reads to the end of the log, and returns where that is. */
  private async scan(scan: UseScan): Promise<Position> {
    const { log, pageSize } = this.options;
    for (let after = scan.from; ;) {
      const { events, next } = await log.readAll({ after, limit: pageSize, categories: ['account', 'usage'] });
      for (const event of events) scan.note(event);
      after = next;
      if (events.length < pageSize) return after;
    }
  }

  private async complete(uses: Iterable<OpenUse>, scanned: Position): Promise<{ done: number; open: OpenUse[] }> {
    const dueAt = this.options.clock.now() - this.options.graceMs;
    const open: OpenUse[] = [];
    const due = new Map<string, OpenUse[]>();
    for (const use of uses) {
      const ofStream = due.get(use.stream) ?? [];
      if (use.recordedAt > dueAt) open.push(use);
      else due.set(use.stream, [...ofStream, use]);
    }
    let done = 0;
    for (const [stream, missing] of due) {
      if (await this.write(stream, missing, scanned)) done += missing.length;
      else open.push(...missing);
    }
    return { done, open };
  }

  /** False when the stream has grown beyond what was read: what is missing is then found out afresh. */
  private async write(stream: string, missing: readonly OpenUse[], scanned: Position): Promise<boolean> {
    const events = missing.map(({ event }) => event);
    const { log } = this.options;
    try {
      await log.append({ streams: [{ stream, expected: 'noStream', events }] });
      return true;
    } catch (error) {
      if (!(error instanceof RevisionConflict)) throw error;
      const { actual } = error;
      const [last] = await log.readStream(stream, { from: actual, limit: 1 });
      if (last !== undefined && comparePositions(last.position, scanned) > 0) return false;
      return this.writeAfter(stream, events, actual);
    }
  }

  private async writeAfter(stream: string, events: readonly NewEvent[], tail: bigint): Promise<boolean> {
    try {
      await this.options.log.append({ streams: [{ stream, expected: tail, events }] });
      return true;
    } catch (error) {
      if (error instanceof RevisionConflict) return false;
      throw error;
    }
  }

  /** Usage up to here may have been dropped by age, with the TokenUsed of charges that are kept. */
  private async droppedUpTo(): Promise<Position> {
    const now = performance.now();
    if (this.dropped === null || now - this.dropped.askedAt > ASK_AGAIN_MS) {
      // Nothing is as old as that: it only asks.
      this.dropped = { position: await this.options.log.dropUsageBefore(LONG_AGO), askedAt: now };
    }
    return this.dropped.position;
  }
}

/** One reading of the log, from a position to its end. */
class UseScan {
  private readonly uses = new Map<string, OpenUse>();
  private last: Position;
  charges = 0;
  /** From here on charges were not remembered, because too many were open. */
  unread: Position | null = null;

  constructor(
    readonly from: Position,
    private readonly openMax: number,
  ) {
    this.last = from;
  }

  get open(): Iterable<OpenUse> {
    return this.uses.values();
  }

  note(event: RecordedEvent): void {
    if (event.type === 'TokenUsed') this.uses.delete(event.id);
    else if (this.unread === null) this.noteCharge(event);
    this.last = event.position;
  }

  private noteCharge(event: RecordedEvent): void {
    const use = useOfCharge(event);
    if (use === null) return;
    if (this.uses.size >= this.openMax) {
      this.unread = this.last;
      return;
    }
    this.charges += 1;
    this.uses.set(use.event.id, { ...use, before: this.last, recordedAt: fromInstant(event.recordedAt) });
  }
}

function earlier(a: Position | null, b: Position): Position {
  return a !== null && comparePositions(a, b) < 0 ? a : b;
}
