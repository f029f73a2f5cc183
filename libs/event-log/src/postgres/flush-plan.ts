import type { StreamCategory } from '#libs/contracts';
import type { WriterRevisions } from '../flush-settlement.js';
import type { Position } from '../position.js';
import { EXPECTED_ANY, EXPECTED_EXISTS } from './append-function.js';
import type { WaitingAppend, WaitingRequest } from '../waiting-request.js';

/** A row that a flush stores: what its requests add to one stream. */
export interface PlannedRow {
  readonly stream: string;
  readonly category: StreamCategory;
  /** Last revision that the stream must have, -1n when it must be empty; or EXPECTED_ANY, EXPECTED_EXISTS. */
  readonly expected: bigint;
  readonly texts: string[];
  count: number;
  /** True when one of its requests appends under `next`. */
  isWriters: boolean;
}

/** Where the events of a request lie in the rows: `end` counts those of the row up to its last one. */
export interface PlannedRequest {
  readonly waiting: WaitingRequest;
  readonly places: readonly { readonly row: PlannedRow; readonly end: number }[];
}

export interface FlushPlan {
  readonly rows: readonly PlannedRow[];
  readonly requests: readonly PlannedRequest[];
  /** The earliest `securityAt` of its requests; null when none has one. */
  readonly securityAt: Position | null;
  /** Left for a later flush, in order. */
  readonly held: readonly WaitingRequest[];
}

export interface FlushLimits {
  readonly requests: number;
  /** Characters of all events. A larger request is flushed alone. */
  readonly size: number;
}

/** A request that does not fit is looked at again with every flush, so no more than this are, however long the queue. */
const LOOK_AHEAD = 4;

/**
 * Chooses what the next flush stores: requests in their order, those to one stream merged into one row as long as each
 * builds on the one before it. A request that does not (it is stale, or the one before it is) is left for the next
 * flush, with all later ones to any of its streams, so that each stream keeps the order of its requests.
 */
export function planFlush(
  waiting: readonly WaitingRequest[],
  writers: WriterRevisions,
  limits: FlushLimits,
): FlushPlan {
  const plan = new Plan(writers);
  const held: WaitingRequest[] = [];
  const last = Math.min(waiting.length, limits.requests * LOOK_AHEAD);
  let size = 0;
  let index = 0;
  for (; index < last && plan.requests.length < limits.requests; index += 1) {
    const request = waiting[index] as WaitingRequest;
    if (plan.requests.length > 0 && size + request.size > limits.size) break;
    if (plan.take(request)) size += request.size;
    else held.push(request);
  }
  const { rows, requests, securityAt } = plan;
  return { rows, requests, securityAt, held: held.concat(waiting.slice(index)) };
}

class Plan {
  readonly rows: PlannedRow[] = [];
  readonly requests: PlannedRequest[] = [];
  securityAt: Position | null = null;
  private readonly byStream = new Map<string, PlannedRow>();
  private readonly blocked = new Set<string>();

  constructor(private readonly writers: WriterRevisions) {}

  take(waiting: WaitingRequest): boolean {
    if (!waiting.appends.every((append) => this.fits(append))) {
      for (const { stream } of waiting.appends) this.blocked.add(stream);
      return false;
    }
    const { securityAt } = waiting;
    if (securityAt !== null && (this.securityAt === null || securityAt < this.securityAt)) this.securityAt = securityAt;
    this.requests.push({ waiting, places: waiting.appends.map((append) => this.place(append)) });
    return true;
  }

  private fits({ stream, expected }: WaitingAppend): boolean {
    if (this.blocked.has(stream)) return false;
    const row = this.byStream.get(stream);
    // What follows an append of this very log to the stream is always `next`, and the stream exists then.
    if (!row || expected === 'any' || expected === 'exists' || expected === 'next') return true;
    return expected !== 'noStream' && row.expected >= -1n && row.expected + BigInt(row.count) === expected;
  }

  private place(append: WaitingAppend): { row: PlannedRow; end: number } {
    const row = this.byStream.get(append.stream) ?? this.begin(append);
    row.texts.push(append.text);
    row.count += append.ids.length;
    row.isWriters ||= append.expected === 'next';
    return { row, end: row.count };
  }

  private begin({ stream, category, expected }: WaitingAppend): PlannedRow {
    const row: PlannedRow = {
      stream,
      category,
      expected: this.baseOf(stream, expected),
      texts: [],
      count: 0,
      isWriters: false,
    };
    this.byStream.set(stream, row);
    this.rows.push(row);
    return row;
  }

  private baseOf(stream: string, expected: WaitingAppend['expected']): bigint {
    if (expected === 'noStream') return -1n;
    if (expected === 'any') return EXPECTED_ANY;
    if (expected === 'exists') return EXPECTED_EXISTS;
    // The first `next` of this log finds out where its stream ends: under the lock, with the append itself.
    return expected === 'next' ? (this.writers.get(stream) ?? EXPECTED_ANY) : expected;
  }
}
