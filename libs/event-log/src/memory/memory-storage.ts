import { categoryOf } from '#libs/contracts';
import {
  type AppendRequest,
  type AppendResult,
  type LogHeads,
  type RecordedEvent,
  RevisionConflict,
  SecurityMoved,
  type StreamAppend,
} from '../event-log.js';
import { type EventRow, eventsFrom } from '../event-row.js';
import { encodeEvent } from '../event-text.js';
import { EventWaiters } from '../event-waiters.js';
import { laterPosition, type Position, START } from '../position.js';

/** The last revisions that one writer has written under `next`. */
export type WrittenRevisions = Map<string, bigint>;

/** An append as it was when it was asked for: what the caller changes later in its objects is not stored. */
export type EncodedAppend = StreamAppend & { readonly lines: readonly string[] };

export function encodeRequest(request: AppendRequest): EncodedAppend[] {
  return request.streams.map((append) => ({ ...append, lines: append.events.map(encodeEvent) }));
}

/** The events of a memory log; logs that share it are like processes that share a database. Every call is one step. */
export class MemoryStorage {
  readonly waiters = new EventWaiters();
  rows: EventRow[] = [];
  heads: LogHeads = { all: START, security: START };
  droppedUpTo = START;
  private readonly revisions = new Map<string, bigint>();

  /** Throws SecurityMoved where security events stand after `position`. */
  checkSecurity(position: Position): void {
    if (this.heads.security > position) throw new SecurityMoved(position);
  }

  append(appends: readonly EncodedAppend[], written: WrittenRevisions, recordedAt: string): AppendResult {
    const conflict = appends.find((append) => !this.fits(append, written));
    if (conflict) {
      const duplicate = this.findDuplicate(appends);
      if (duplicate) return duplicate;
      throw new RevisionConflict(conflict.stream, conflict.expected, this.revisionOf(conflict.stream));
    }
    for (const append of appends) this.store(append, written, recordedAt);
    this.waiters.wakeAll();
    const revisions = appends.map(({ stream }) => this.revisionOf(stream));
    return { position: this.heads.all, revisions, duplicate: false };
  }

  /** Stores an event of another log with the instant and the revision that it had there. */
  import(event: RecordedEvent): void {
    const { stream, revision, recordedAt } = event;
    const lastPosition = (this.heads.all + 1n) as Position;
    const isLost = revision > this.revisionOf(stream) + 1n;
    if (isLost) this.droppedUpTo = this.heads.all;
    this.rows.push({ stream, lastPosition, lastRevision: revision, count: 1, recordedAt, events: encodeEvent(event) });
    this.revisions.set(stream, revision);
    const security = categoryOf(stream) === 'security' ? lastPosition : this.heads.security;
    this.heads = { all: lastPosition, security };
  }

  rowsOf(stream: string): EventRow[] {
    return this.rows.filter((row) => row.stream === stream);
  }

  dropUsageBefore(instant: string): Position {
    const isDropped = (row: EventRow) => categoryOf(row.stream) === 'usage' && row.recordedAt < instant;
    for (const row of this.rows.filter(isDropped)) {
      this.droppedUpTo = laterPosition(this.droppedUpTo, row.lastPosition as Position);
    }
    this.rows = this.rows.filter((row) => !isDropped(row));
    return this.droppedUpTo;
  }

  revisionOf(stream: string): bigint {
    return this.revisions.get(stream) ?? -1n;
  }

  private fits({ stream, expected }: StreamAppend, written: WrittenRevisions): boolean {
    const actual = this.revisionOf(stream);
    if (expected === 'any') return true;
    if (expected === 'exists') return actual >= 0n;
    if (expected === 'next') return (written.get(stream) ?? actual) === actual;
    return (expected === 'noStream' ? -1n : expected) === actual;
  }

  private store({ stream, expected, lines }: EncodedAppend, written: WrittenRevisions, recordedAt: string): void {
    const lastRevision = this.revisionOf(stream) + BigInt(lines.length);
    const lastPosition = (this.heads.all + BigInt(lines.length)) as Position;
    this.rows.push({ stream, lastPosition, lastRevision, count: lines.length, recordedAt, events: lines.join('\n') });
    this.revisions.set(stream, lastRevision);
    if (expected === 'next' || written.has(stream)) written.set(stream, lastRevision);
    const isSecurity = categoryOf(stream) === 'security';
    this.heads = { all: lastPosition, security: isSecurity ? lastPosition : this.heads.security };
  }

  /** The result of the same request, where all of its events stand already; at least one stream must say where. */
  private findDuplicate(appends: readonly EncodedAppend[]): AppendResult | null {
    if (!appends.some(({ expected }) => expected === 'noStream' || typeof expected === 'bigint')) return null;
    let position = START;
    const revisions: bigint[] = [];
    for (const { stream, expected, events } of appends) {
      const from = expected === 'noStream' ? 0n : typeof expected === 'bigint' ? expected + 1n : null;
      const standing = eventsFrom(this.rowsOf(stream), from ?? 0n, Infinity);
      const start = from === null ? standing.findIndex(({ id }) => id === events[0]?.id) : 0;
      const same = start < 0 ? [] : standing.slice(start, start + events.length);
      const last = same[events.length - 1];
      if (!last || same.some(({ id }, index) => id !== events[index]?.id)) return null;
      position = laterPosition(position, last.position);
      revisions.push(last.revision);
    }
    return { position, revisions, duplicate: true };
  }
}
