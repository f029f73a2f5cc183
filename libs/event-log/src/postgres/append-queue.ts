import type { AppendActivity } from '../append-activity.js';
import { AppendIntake } from '../append-intake.js';
import { type AppendRequest, type AppendResult, LogUnavailable } from '../event-log.js';
import { settleFlush, type StandingEvents, withoutMoved } from '../flush-settlement.js';
import type { Position } from '../position.js';
import type { WaitingRequest } from '../waiting-request.js';
import type { AppendStore, FlushOutcome } from './append-store.js';
import { type FlushLimits, type FlushPlan, planFlush } from './flush-plan.js';

export interface AppendQueueOptions {
  readonly store: AppendStore;
  /** Read when a request conflicts, to see whether it is one that was stored before. */
  readonly reader: StandingEvents;
  readonly limits: FlushLimits;
  readonly maxWaiting: number;
  readonly activity: AppendActivity;
  /** Called before each flush; gives the instant of its appends, RFC 3339. */
  readonly recordedAt: () => string;
  /** Called after each flush with the head of the log. */
  readonly onStored: (head: Position) => void;
}

/** Group commit in PostgreSQL: what waits is planned into rows, and stored whole or not at all. */
export class AppendQueue {
  private readonly intake: AppendIntake;
  private readonly writers = new Map<string, bigint>();

  constructor(private readonly options: AppendQueueOptions) {
    const { maxWaiting, activity } = options;
    this.intake = new AppendIntake({ maxWaiting, activity, flush: () => this.flushWaiting() });
  }

  add(request: AppendRequest): Promise<AppendResult> {
    return this.intake.add(request);
  }

  /** Refuses further requests and waits until those that are waiting are answered. */
  close(): Promise<void> {
    return this.intake.close();
  }

  private flushWaiting(): Promise<void> {
    const plan = planFlush(this.intake.waiting, this.writers, this.options.limits);
    this.intake.waiting = [...plan.held];
    return this.flush(plan);
  }

  private async flush(first: FlushPlan): Promise<void> {
    const { store, limits, recordedAt } = this.options;
    const started = performance.now();
    let plan = first;
    try {
      while (plan.requests.length > 0) {
        const outcome = await store.send(plan, recordedAt());
        if (outcome.stored) {
          this.answer(plan, outcome.firstPosition, outcome.before);
          return this.options.activity.onFlush({
            requests: plan.requests.length,
            durationMs: performance.now() - started,
          });
        }
        this.options.activity.resent += 1;
        plan = planFlush(await this.withoutRefused(plan, outcome), this.writers, limits);
        this.intake.waiting = [...plan.held, ...this.intake.waiting];
      }
    } catch (error) {
      // Revisions are found out afresh.
      this.writers.clear();
      this.intake.giveUp(requestsOf(plan), error instanceof Error ? error : new LogUnavailable(String(error)));
    }
  }

  /** Answers the requests because of which nothing was stored; returns the others, in order. */
  private async withoutRefused(plan: FlushPlan, outcome: FlushOutcome & { stored: false }): Promise<WaitingRequest[]> {
    if ('security' in outcome) return withoutMoved(requestsOf(plan), outcome.security);
    const found = new Map(plan.rows.map(({ stream }, index) => [stream, outcome.found[index] ?? -1n]));
    return settleFlush(requestsOf(plan), { found, writers: this.writers }, this.options.reader);
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
}

function requestsOf({ requests }: FlushPlan): WaitingRequest[] {
  return requests.map(({ waiting }) => waiting);
}
