import { type AppendRequest, type AppendResult, LogUnavailable } from '../event-log.js';
import type { Position } from '../position.js';
import type { AppendStore } from './append-store.js';
import { type FlushLimits, type FlushPlan, planFlush } from './flush-plan.js';
import { settleFlush, type StandingEvents } from './flush-settlement.js';
import { waitingRequest, type WaitingRequest } from './waiting-request.js';

export interface AppendQueueOptions {
  readonly store: AppendStore;
  /** Read when a request conflicts, to see whether it is one that was stored before. */
  readonly reader: StandingEvents;
  readonly limits: FlushLimits;
  readonly maxWaiting: number;
  /** Called before each flush; gives the instant of its appends, RFC 3339. */
  readonly recordedAt: () => string;
  /** Called after each flush with the head of the log. */
  readonly onStored: (head: Position) => void;
}

/**
 * Group commit: requests queue while a flush is under way and share the next one, so that the more of them there are,
 * the less each costs, and a single one waits for nothing. One flush is in flight at a time.
 */
export class AppendQueue {
  private waiting: WaitingRequest[] = [];
  private readonly writers = new Map<string, bigint>();
  private unanswered = 0;
  private running: Promise<void> | null = null;
  private closed = false;

  constructor(private readonly options: AppendQueueOptions) {}

  add(request: AppendRequest): Promise<AppendResult> {
    if (this.closed) return Promise.reject(new LogUnavailable('the event log is closed'));
    if (this.unanswered >= this.options.maxWaiting) {
      return Promise.reject(new LogUnavailable('too many appends are waiting'));
    }
    return new Promise((resolve, reject) => {
      this.waiting.push(
        waitingRequest(request, (answer) => {
          this.unanswered -= 1;
          if (answer instanceof Error) reject(answer);
          else resolve(answer);
        }),
      );
      this.unanswered += 1;
      this.running ??= this.run();
    });
  }

  /** Refuses further requests and waits until those that are waiting are answered. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private async run(): Promise<void> {
    do {
      // Once round the event loop: those who ask in the same turn, or were answered by the last flush, share this one.
      await nextTurn();
      const plan = planFlush(this.waiting, this.writers, this.options.limits);
      this.waiting = [...plan.held];
      await this.flush(plan);
    } while (this.waiting.length > 0);
    this.running = null;
  }

  private async flush(first: FlushPlan): Promise<void> {
    const { store, reader, limits, recordedAt } = this.options;
    let plan = first;
    try {
      while (plan.requests.length > 0) {
        const outcome = await store.send(plan, recordedAt());
        if (outcome.stored) return this.answer(plan, outcome.firstPosition, outcome.before);
        const found = new Map(plan.rows.map(({ stream }, index) => [stream, outcome.found[index] ?? -1n]));
        const kept = await settleFlush(plan, { found, writers: this.writers }, reader);
        plan = planFlush(kept, this.writers, limits);
        this.waiting = [...plan.held, ...this.waiting];
      }
    } catch (error) {
      this.giveUp(plan, error instanceof Error ? error : new LogUnavailable(String(error)));
    }
  }

  private answer(plan: FlushPlan, firstPosition: bigint, before: readonly bigint[] | null): void {
    const starts = new Map<object, { position: bigint; revision: bigint }>();
    let position = firstPosition - 1n;
    for (const [index, row] of plan.rows.entries()) {
      const revision = before?.[index] ?? row.expected;
      starts.set(row, { position, revision });
      position += BigInt(row.count);
      if (row.isWriters || this.writers.has(row.stream)) this.writers.set(row.stream, revision + BigInt(row.count));
    }
    for (const { waiting, places } of plan.requests) {
      let last = 0n;
      const revisions = places.map(({ row, end }) => {
        const start = starts.get(row) ?? { position: 0n, revision: 0n };
        if (start.position + BigInt(end) > last) last = start.position + BigInt(end);
        return start.revision + BigInt(end);
      });
      waiting.answer({ position: last as Position, revisions, duplicate: false });
    }
    this.options.onStored(position as Position);
  }

  /** Whoever waits would build on what may not be there: all are answered, and revisions are found out afresh. */
  private giveUp(plan: FlushPlan, error: Error): void {
    const failed = [...plan.requests.map(({ waiting }) => waiting), ...this.waiting];
    this.waiting = [];
    this.writers.clear();
    for (const waiting of failed) waiting.answer(error);
  }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
