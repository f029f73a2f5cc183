import { type AppendResult, LogUnavailable, type RecordedEvent, RevisionConflict, SecurityMoved } from './event-log.js';
import { laterPosition, type Position, START } from './position.js';
import type { WaitingAppend, WaitingRequest } from './waiting-request.js';

/** What a settlement asks the log for. */
export interface StandingEvents {
  readStream(stream: string, options: { from: bigint; limit: number }): Promise<RecordedEvent[]>;
  /** Events of a stream that were stored in the same flush as those at `position`, and perhaps some around it. */
  readStreamNear(stream: string, position: Position): Promise<RecordedEvent[]>;
}

/** Last revision of each stream that this log writes under `next`, as far as it is known. */
export type WriterRevisions = ReadonlyMap<string, bigint>;

/** What is known when a flush was refused: the last revision of each of its streams, and the writer's own. */
export interface FoundRevisions {
  readonly found: ReadonlyMap<string, bigint>;
  readonly writers: WriterRevisions;
}

/**
 * Settles a flush that was refused because something in it conflicts: answers the requests that do, as duplicates of what
 * stands already or with RevisionConflict, and returns the others, in order, to be flushed again.
 *
 * Goes through the requests as if each was made after the one before it, so that the outcome does not depend on which of
 * them shared a flush.
 */
export async function settleFlush(
  requests: readonly WaitingRequest[],
  revisions: FoundRevisions,
  log: StandingEvents,
): Promise<WaitingRequest[]> {
  const sequence = new Sequence(revisions);
  const kept: WaitingRequest[] = [];
  const misfits: { waiting: WaitingRequest; conflict: RevisionConflict }[] = [];
  for (const waiting of requests) {
    const conflict = sequence.make(waiting.appends);
    if (conflict) misfits.push({ waiting, conflict });
    else kept.push(waiting);
  }
  const standing = new Standing(log, revisions.found);
  try {
    await standing.prepare(misfits.map(({ waiting }) => waiting));
    for (const { waiting, conflict } of misfits) {
      waiting.answer((await standing.find(waiting.appends)) ?? conflict);
    }
  } catch (error) {
    const unknown = new LogUnavailable('the event log cannot be read', { cause: error });
    for (const { waiting } of misfits) waiting.answer(unknown);
  }
  return kept;
}

/**
 * Settles a flush that was refused because security events stand after what some of its requests rest on, the last of
 * them at `security`: answers those with SecurityMoved, and returns the others, in order, to be flushed again.
 */
export function withoutMoved(requests: readonly WaitingRequest[], security: Position): WaitingRequest[] {
  const kept: WaitingRequest[] = [];
  for (const waiting of requests) {
    const { securityAt } = waiting;
    if (securityAt === null || securityAt >= security) kept.push(waiting);
    else waiting.answer(new SecurityMoved(securityAt));
  }
  return kept;
}

/** The streams of a flush while its requests are made one after the other. */
class Sequence {
  private readonly tails: Map<string, bigint>;
  private readonly written: Map<string, bigint>;

  constructor({ found, writers }: FoundRevisions) {
    this.tails = new Map(found);
    this.written = new Map(writers);
  }

  /** Makes the appends of one request, or returns why none of them can be made. */
  make(appends: readonly WaitingAppend[]): RevisionConflict | null {
    for (const { stream, expected } of appends) {
      const tail = this.tailOf(stream);
      if (!this.fits(stream, expected, tail)) return new RevisionConflict(stream, expected, tail);
    }
    for (const { stream, ids } of appends) {
      const tail = this.tailOf(stream) + BigInt(ids.length);
      this.tails.set(stream, tail);
      if (this.written.has(stream)) this.written.set(stream, tail);
    }
    return null;
  }

  private fits(stream: string, expected: WaitingAppend['expected'], tail: bigint): boolean {
    if (expected === 'any') return true;
    if (expected === 'exists') return tail >= 0n;
    if (expected === 'noStream') return tail === -1n;
    return tail === (expected === 'next' ? (this.written.get(stream) ?? tail) : expected);
  }

  private tailOf(stream: string): bigint {
    return this.tails.get(stream) ?? -1n;
  }
}

/** Finds out whether the events of a request stand in the log already. */
class Standing {
  private readonly ranges = new Map<string, { from: bigint; to: bigint }>();
  private readonly events = new Map<string, Map<bigint, RecordedEvent>>();

  constructor(
    private readonly log: StandingEvents,
    private readonly found: ReadonlyMap<string, bigint>,
  ) {}

  /** Reads each stream once for all requests. */
  async prepare(requests: readonly WaitingRequest[]): Promise<void> {
    for (const { appends } of requests.filter((request) => this.mayStand(request.appends))) {
      for (const append of appends) this.widen(append);
    }
    for (const [stream, { from, to }] of this.ranges) {
      const events = await this.log.readStream(stream, { from, limit: Number(to - from) });
      this.events.set(stream, new Map(events.map((event) => [event.revision, event])));
    }
  }

  /** The result of the same request, if it was made before. */
  async find(appends: readonly WaitingAppend[]): Promise<AppendResult | null> {
    if (!this.mayStand(appends)) return null;
    const located = appends.map((append) => this.lastOfLocated(append));
    const position = located.reduce((latest, event) => laterPosition(latest, event?.position ?? START), START);
    const last: RecordedEvent[] = [];
    for (const [index, append] of appends.entries()) {
      const event = located[index] ?? (fromOf(append) === null ? await this.lastOfUnlocated(append, position) : null);
      if (!event) return null;
      last.push(event);
    }
    return {
      position: last.reduce((latest, event) => laterPosition(latest, event.position), START),
      revisions: last.map(({ revision }) => revision),
      duplicate: true,
    };
  }

  /** At least one append says where its events stand, and something stands there in each that does. */
  private mayStand(appends: readonly WaitingAppend[]): boolean {
    const froms = appends.map((append) => ({ from: fromOf(append), found: this.found.get(append.stream) ?? -1n }));
    return froms.some(({ from }) => from !== null) && froms.every(({ from, found }) => from === null || from <= found);
  }

  private widen(append: WaitingAppend): void {
    const from = fromOf(append);
    if (from === null) return;
    const to = from + BigInt(append.ids.length);
    const range = this.ranges.get(append.stream) ?? { from, to };
    this.ranges.set(append.stream, {
      from: from < range.from ? from : range.from,
      to: to > range.to ? to : range.to,
    });
  }

  private lastOfLocated(append: WaitingAppend): RecordedEvent | null {
    const from = fromOf(append);
    const events = this.events.get(append.stream);
    if (from === null || !events) return null;
    const same = append.ids.map((id, index) => {
      const event = events.get(from + BigInt(index));
      return event?.id === id ? event : null;
    });
    return same.includes(null) ? null : (same.at(-1) ?? null);
  }

  private async lastOfUnlocated({ stream, ids }: WaitingAppend, position: Position): Promise<RecordedEvent | null> {
    const events = await this.log.readStreamNear(stream, position);
    const start = events.findIndex(({ id }) => id === ids[0]);
    if (start < 0 || !ids.every((id, index) => events[start + index]?.id === id)) return null;
    return events[start + ids.length - 1] ?? null;
  }
}

/** Revision at which the events of an append must stand; null where it does not say. */
function fromOf({ expected }: WaitingAppend): bigint | null {
  if (expected === 'noStream') return 0n;
  return typeof expected === 'bigint' ? expected + 1n : null;
}
