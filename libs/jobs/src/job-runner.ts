import { type CommandContext, refuse } from '#libs/contracts';
import { type Clock, RandomIds, toInstant, within } from '#libs/kernel';
import { type JobBackend, type JobConnection, type JobQueue, openJobConnection, type QueuedJob } from './job-queue.js';
import type { JobRuns } from './job-runs.js';
import type { LedgerJob } from './ledger-job.js';

export interface JobRunnerOptions {
  readonly backend: JobBackend;
  readonly jobs: readonly LedgerJob[];
  readonly runs: JobRuns;
  readonly clock: Clock;
  /** Brings what jobs decide on up to date; a run for which it fails is not made. */
  readonly prepare?: () => Promise<void>;
  readonly log: { error(details: object, message: string): void };
  /** How long callers wait for an answer of the queue, in milliseconds; 5000 when absent. */
  readonly answerWithinMs?: number;
  /** Told of each failure of the queue's connections, many a second while its backend is away. Must not throw. */
  readonly onQueueFailure: (error: Error) => void;
  /** Told of each run that ended in this process, for metrics. Must not throw. */
  readonly onRun?: (report: JobRunReport) => void;
}

/** A run that ended. */
export interface JobRunReport {
  readonly name: string;
  readonly outcome: 'done' | 'failed';
  readonly durationMs: number;
}

const ANSWER_WITHIN_MS = 5_000;

/** What is shown of a job. */
export interface JobStatus {
  readonly name: string;
  readonly description: string;
  readonly schedule: { readonly everyMs: number };
  readonly nextRunAt: string | null;
  readonly lastRun: {
    readonly startedAt: string;
    readonly finishedAt: string | null;
    readonly outcome: string;
    readonly result: Record<string, number> | null;
  } | null;
}

/** Schedules the jobs in BullMQ and runs them. The queue decides only when; what a job does is found afresh by each run. */
export class JobRunner {
  private connection: JobConnection | null = null;

  constructor(private readonly options: JobRunnerOptions) {}

  /** Opens the queue and brings the schedules up to date; with `work`, begins to run jobs. */
  async start(work: boolean): Promise<void> {
    const { backend, jobs, onQueueFailure } = this.options;
    this.connection = await openJobConnection(backend);
    const { queue } = this.connection;
    queue.on('error', onQueueFailure);
    for (const { name, everyMs } of jobs) {
      await queue.upsertJobScheduler(name, { every: everyMs }, { name });
    }
    await this.dropForgottenSchedules();
    if (!work) return;
    this.connection.openWorker((job) => this.run(job)).on('error', onQueueFailure);
  }

  /** True when there is such a job. */
  has(name: string): boolean {
    return this.options.jobs.some((job) => job.name === name);
  }

  /** Queues a run out of turn. Refused with `not_ready` when the queue does not answer; the run may still come then. */
  async request(name: string, requestId: string): Promise<void> {
    await this.answered(this.opened().add(name, { requestId }, {}));
  }

  /** Refused with `not_ready` when the queue does not answer. */
  async status(): Promise<JobStatus[]> {
    const schedules = this.answered(this.opened().getJobSchedulers());
    const [schedulers, runs] = await Promise.all([schedules, this.options.runs.all()]);
    const next = new Map(schedulers.map((scheduler) => [scheduler.key, scheduler.next]));
    const last = new Map(runs.map((run) => [run.name, run]));
    return this.options.jobs.map(({ name, description, everyMs }) => {
      const nextAt = next.get(name);
      const run = last.get(name);
      return {
        name,
        description,
        schedule: { everyMs },
        nextRunAt: nextAt === undefined ? null : toInstant(nextAt),
        lastRun:
          run === undefined
            ? null
            : {
                startedAt: run.startedAt.toISOString(),
                finishedAt: run.finishedAt?.toISOString() ?? null,
                outcome: run.outcome,
                result: run.result,
              },
      };
    });
  }

  /** Lets the run under way end, then gives the connections back. */
  async close(): Promise<void> {
    await this.connection?.close();
  }

  private async run(queued: QueuedJob): Promise<Record<string, number> | null> {
    const job = this.options.jobs.find(({ name }) => name === queued.name);
    // A schedule of an older release may still have a run waiting for a job that is gone.
    if (job === undefined) return null;
    const { clock, runs, log } = this.options;
    const began = performance.now();
    const tell = (outcome: JobRunReport['outcome']) =>
      this.options.onRun?.({ name: job.name, outcome, durationMs: performance.now() - began });
    const startedAt = clock.now();
    await runs.started(job.name, startedAt);
    try {
      await this.options.prepare?.();
      const result = await job.run(this.contextOf(job, queued));
      await runs.finished(job.name, { startedAt, finishedAt: clock.now(), result });
      await this.runWhenDue(job);
      tell('done');
      return result;
    } catch (error) {
      tell('failed');
      log.error({ err: error, job: job.name }, 'job failed; its next run finds the same work again');
      await runs.finished(job.name, { startedAt, finishedAt: clock.now(), result: null });
      throw error;
    }
  }

  /** Work that falls due before the next turn gets a run of its own, so that its record is on time. */
  private async runWhenDue(job: LedgerJob): Promise<void> {
    const dueAt = (await job.nextDueAt?.()) ?? null;
    const delay = dueAt === null ? Infinity : Math.max(0, dueAt - this.options.clock.now());
    if (delay >= job.everyMs) return;
    await this.opened().add(job.name, {}, { delay, jobId: `${job.name}-${dueAt}` });
  }

  private contextOf(job: LedgerJob, queued: QueuedJob): CommandContext {
    const { clock } = this.options;
    const ids = new RandomIds(() => clock.now());
    const requestId = queued.data.requestId ?? ids.uid('req');
    return { actor: { type: 'job', uid: job.name }, requestId, correlationId: requestId, at: clock.now(), ids };
  }

  private async dropForgottenSchedules(): Promise<void> {
    for (const { key } of await this.opened().getJobSchedulers()) {
      if (!this.has(key)) await this.opened().removeJobScheduler(key);
    }
  }

  /**
   * What the queue answers. It outlives a backend that goes away by waiting for it, for ever: right for a worker, and not
   * for a caller, whose request would hang. What was asked for may still be done later.
   */
  private answered<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return within(this.options.answerWithinMs ?? ANSWER_WITHIN_MS, answer, () => {
      throw refuse('not_ready', { detail: 'The queue of jobs does not answer now.' });
    });
  }

  private opened(): JobQueue {
    if (this.connection === null) throw new Error('the job queue is used before start');
    return this.connection.queue;
  }
}
