import { RevisionConflict } from '../event-log.js';
import type { WaitingAppend, WaitingRequest } from '../waiting-request.js';

/** What a round adds to one stream. */
export interface RoundRow {
  readonly stream: string;
  /** Last revision that the stream has, -1n when it holds nothing. */
  readonly base: bigint;
  readonly texts: string[];
  count: number;
  /** True when one of its requests appends under `next`: written last, because nobody else writes to its stream. */
  isWriters: boolean;
}

/** Where the events of a request lie: `end` counts those of the row up to its last one. */
export interface RoundRequest {
  readonly waiting: WaitingRequest;
  readonly places: readonly { readonly row: RoundRow; readonly end: number }[];
}

export interface Round {
  readonly rows: readonly RoundRow[];
  readonly requests: readonly RoundRequest[];
  /** Conflict with what stands in the log. */
  readonly misfits: readonly WaitingRequest[];
  /** Can be judged only when the round is stored. */
  readonly deferred: readonly WaitingRequest[];
}

/** Last revision of each stream in question, and of each stream that this log writes under `next`. */
export interface RoundTails {
  readonly found: ReadonlyMap<string, bigint>;
  readonly writers: ReadonlyMap<string, bigint>;
}

/**
 * Sorts requests, in their order and as if each was made after the one before it, into those that are stored together,
 * those that conflict, and those whose streams are touched by an earlier one that they do not build on.
 */
export function planRound(waiting: readonly WaitingRequest[], tails: RoundTails): Round {
  const plan = new RoundPlan(tails);
  for (const request of waiting) plan.add(request);
  return { rows: [...plan.rows.values()], requests: plan.requests, misfits: plan.misfits, deferred: plan.deferred };
}

/**
 * The last revision of each stream as the first request to it expects it: whether that is right the server finds when it
 * stores. Only of streams of uses that rest on the security events up to a position: those are of this moment, and
 * nobody asks whether they stand in the log already, as may be asked of any other request.
 */
export function supposedRevisions(
  waiting: readonly WaitingRequest[],
  writers: ReadonlyMap<string, bigint>,
): Map<string, bigint> {
  const supposed = new Map<string, bigint | null>();
  for (const { appends, securityAt } of waiting) {
    for (const { stream, expected } of appends) {
      if (securityAt === null) supposed.set(stream, null);
      else if (!supposed.has(stream)) supposed.set(stream, supposedBy(expected, writers.get(stream)));
    }
  }
  return new Map([...supposed].flatMap(([stream, revision]) => (revision === null ? [] : [[stream, revision]])));
}

function supposedBy(expected: WaitingAppend['expected'], written: bigint | undefined): bigint | null {
  if (expected === 'noStream') return -1n;
  return typeof expected === 'bigint' ? expected : expected === 'next' ? (written ?? null) : null;
}

class RoundPlan {
  readonly rows = new Map<string, RoundRow>();
  readonly requests: RoundRequest[] = [];
  readonly misfits: WaitingRequest[] = [];
  readonly deferred: WaitingRequest[] = [];
  private readonly blocked = new Set<string>();

  constructor(private readonly tails: RoundTails) {}

  add(waiting: WaitingRequest): void {
    const { appends } = waiting;
    if (appends.some(({ stream }) => this.blocked.has(stream))) return this.defer(waiting);
    if (appends.every((append) => this.fits(append))) return this.take(waiting);
    if (appends.some(({ stream }) => this.rows.has(stream))) return this.defer(waiting);
    this.misfits.push(waiting);
  }

  private take(waiting: WaitingRequest): void {
    this.requests.push({ waiting, places: waiting.appends.map((append) => this.place(append)) });
  }

  private defer(waiting: WaitingRequest): void {
    for (const { stream } of waiting.appends) this.blocked.add(stream);
    this.deferred.push(waiting);
  }

  private fits({ stream, expected }: WaitingAppend): boolean {
    const row = this.rows.get(stream);
    const found = this.tails.found.get(stream) ?? -1n;
    const tail = row ? row.base + BigInt(row.count) : found;
    if (expected === 'any') return true;
    if (expected === 'exists') return tail >= 0n;
    if (expected === 'noStream') return tail === -1n;
    if (expected !== 'next') return tail === expected;
    return (this.tails.writers.get(stream) ?? found) === found;
  }

  private place(append: WaitingAppend): { row: RoundRow; end: number } {
    const { stream, expected, text, ids } = append;
    let row = this.rows.get(stream);
    if (!row) {
      row = { stream, base: this.tails.found.get(stream) ?? -1n, texts: [], count: 0, isWriters: false };
      this.rows.set(stream, row);
    }
    row.texts.push(text);
    row.count += ids.length;
    row.isWriters ||= expected === 'next';
    return { row, end: row.count };
  }
}

/** The first stream of a request that does not have what it expects; for a conflict that showed itself only in storing. */
export function conflictOf(waiting: WaitingRequest, stream: string, actual: bigint): RevisionConflict {
  const append = waiting.appends.find((each) => each.stream === stream);
  return new RevisionConflict(stream, append?.expected ?? 'any', actual);
}
