import { setTimeout as pause } from 'node:timers/promises';
import { refuse } from '#libs/contracts';
import {
  comparePositions,
  type EventLog,
  laterPosition,
  type Position,
  type RecordedEvent,
  START,
} from '#libs/event-log';

const BATCH_EVENTS = 2_000;
/**
 * Reads of the head in a row before they are spaced out, and the time that so many must take at least: under load
 * several checks then share a read instead of each paying for one, and a single caller waits for nothing.
 */
const BURST_READS = 6;
const BURST_MS = 10;
/** While reads take long, as many checks wait as there are callers: past this they are refused, and may try again. */
const CHECKS_MAX = 20_000;

export interface BarrierOptions {
  readonly log: EventLog;
  /** Folds one event of the security streams; called once for each, in order. */
  readonly apply: (event: RecordedEvent) => void;
  /** Told of each read of the head, for metrics. Must not throw. */
  readonly onRead?: (read: BarrierRead) => void;
  /** Checks that may share a read; those beyond are refused. Default 20,000. */
  readonly checksMax?: number;
  /** How long a check may wait for its confirmation before it is refused. */
  readonly timeoutMs?: number;
}

/** One read of the head of the log, and the folding of what it showed. */
export interface BarrierRead {
  /** Checks that shared it. */
  readonly checks: number;
  /** When it began, on the monotonic clock. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** False: the checks were refused. */
  readonly confirmed: boolean;
}

interface Waiting {
  /** Checks that share the read. */
  checks: number;
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Makes revocation immediate. A check may be answered only after a read of the log's head that started after the check
 * arrived has shown that the fold has reached it; a fact that was acknowledged before the check arrived is then in the
 * fold. Checks that arrive while such a read is under way share the next one, so the number of reads is bounded by
 * their duration and not by the load.
 */
export class Barrier {
  private applied: Position = START;
  private next: Waiting | null = null;
  private reading = false;
  /** When the last shared reads began, oldest first, on the monotonic clock; a caller by itself is never put off. */
  private readonly begun: number[] = [];

  constructor(private readonly options: BarrierOptions) {}

  /** Position of the last security event in the fold. */
  get position(): Position {
    return this.applied;
  }

  /** For a fold that was brought to this position by other means, before anything is read or asked. */
  resumeAt(position: Position): void {
    this.applied = position;
  }

  /** Resolves when the fold is known to be at the head; refuses with `verification_unavailable` when that cannot be shown. */
  confirm(): Promise<void> {
    this.next ??= waiting();
    if (this.next.checks >= (this.options.checksMax ?? CHECKS_MAX)) return Promise.reject(tooMany());
    this.next.checks += 1;
    const { promise } = this.next;
    if (!this.reading) void this.readWhileAwaited();
    return promise;
  }

  /** Folds all that stands in the log by now, however long that takes: for the start, before anything is asked. */
  warmUp(): Promise<void> {
    return this.reachHead();
  }

  private async readWhileAwaited(): Promise<void> {
    this.reading = true;
    while (this.next !== null) {
      const waitMs = this.spacingMs();
      if (waitMs > 0) await pause(waitMs);
      const served = this.next;
      this.next = null;
      if (served.checks > 1) this.begun.push(performance.now());
      const startedAt = performance.now();
      try {
        await this.withinBound(this.reachHead());
        served.resolve();
        this.tell(served, startedAt, true);
      } catch (error) {
        served.reject(unavailable(error));
        this.tell(served, startedAt, false);
      }
    }
    this.reading = false;
  }

  private tell({ checks }: Waiting, startedAt: number, confirmed: boolean): void {
    this.options.onRead?.({ checks, startedAt, durationMs: performance.now() - startedAt, confirmed });
  }

  /** How long the next read is put off, when many have begun a moment ago; checks that arrive meanwhile share it. */
  private spacingMs(): number {
    if (this.begun.length < BURST_READS) return 0;
    const first = this.begun.shift() ?? 0;
    return Math.max(0, first + BURST_MS - performance.now());
  }

  private async reachHead(): Promise<void> {
    const security = await this.options.log.securityHead();
    while (comparePositions(this.applied, security) < 0) {
      const batch = await this.options.log.readAll({
        after: this.applied,
        limit: BATCH_EVENTS,
        categories: ['security'],
      });
      // A read that timed out may have gone on behind this one: each event is folded once all the same.
      for (const event of batch.events) {
        if (comparePositions(event.position, this.applied) <= 0) continue;
        this.options.apply(event);
        this.applied = event.position;
      }
      this.applied = laterPosition(this.applied, batch.next);
      if (batch.events.length === 0) return;
    }
  }

  private async withinBound(work: Promise<void>): Promise<void> {
    const { timeoutMs } = this.options;
    if (timeoutMs === undefined) return work;
    let timer: NodeJS.Timeout | undefined;
    const bound = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`the log did not answer within ${timeoutMs} ms`)), timeoutMs);
    });
    // The loser of the race must not surface as an unhandled rejection.
    work.catch(() => undefined);
    return Promise.race([work, bound]).finally(() => clearTimeout(timer));
  }
}

function waiting(): Waiting {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { checks: 0, promise, resolve, reject };
}

function tooMany(): Error {
  return unavailable(new Error('too many checks are waiting for the head of the log'));
}

function unavailable(cause: unknown): Error {
  return refuse('verification_unavailable', { headers: { 'retry-after': '1' }, cause });
}
