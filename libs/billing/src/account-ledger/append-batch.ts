import type { NewEvent } from '#libs/contracts';
import type { AppendRequest, Position, StreamAppend } from '#libs/event-log';
import type { AccountState } from '../domain/index.js';
import type { RecentEntry } from './recent-entries.js';

/** Past this, a request would come near to what a store takes at once (1 MiB). */
const BATCH_EVENTS_MAX = 400;

/** An append to a stream of which this process is the only writer. */
export type NextAppend = StreamAppend & { readonly expected: 'next' };

/** A decision on an account, and the account after it. */
export interface BatchedDecision {
  readonly after: AccountState;
  readonly events: readonly NewEvent[];
  readonly also: readonly NextAppend[];
  readonly securityAt: Position | undefined;
}

/**
 * What the decisions on one account that wait together append, in one request: stored, or lost, together. Their callers
 * share its promise.
 */
export class AppendBatch {
  readonly entries: RecentEntry[] = [];
  /** Position of the request; rejects with what the log threw, or when a batch before it failed. */
  readonly stored: Promise<Position>;
  /** The account as it is once this is stored. */
  after: AccountState;
  private readonly events: NewEvent[] = [];
  private readonly also = new Map<string, NewEvent[]>();
  private size = 0;
  /** The earliest that one of its decisions rests on. */
  private securityAt: Position | undefined;
  private resolve!: (position: Position) => void;
  private reject!: (error: unknown) => void;

  /** `before`: the account that the first decision of the batch was made on. */
  constructor(
    private readonly stream: string,
    private readonly before: AccountState,
  ) {
    this.after = before;
    this.stored = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get isFull(): boolean {
    return this.size >= BATCH_EVENTS_MAX;
  }

  add({ after, events, also, securityAt }: BatchedDecision): void {
    this.after = after;
    if (securityAt !== undefined && (this.securityAt === undefined || securityAt < this.securityAt)) {
      this.securityAt = securityAt;
    }
    this.events.push(...events);
    this.size += events.length;
    for (const { stream, events: others } of also) {
      const known = this.also.get(stream);
      if (known === undefined) this.also.set(stream, [...others]);
      else known.push(...others);
      this.size += others.length;
    }
  }

  request(): AppendRequest {
    const streams: StreamAppend[] = [{ stream: this.stream, expected: this.before.revision, events: this.events }];
    for (const [stream, events] of this.also) streams.push({ stream, expected: 'next', events });
    return { streams, ...(this.securityAt === undefined ? {} : { securityAt: this.securityAt }) };
  }

  succeed(position: Position): void {
    this.resolve(position);
  }

  fail(error: unknown): void {
    this.reject(error);
  }
}
