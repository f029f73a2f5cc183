import { Counter, Histogram, type Registry } from 'prom-client';
import type { JobRunReport } from '#libs/jobs';

const RUN_SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300];

/** Runs of jobs in this server. */
export class JobMetrics {
  private readonly runs = new Counter({
    name: 'token_ledger_jobs_runs_total',
    help: 'Runs of jobs that ended in this server, by job and outcome (`done`, `failed`)',
    labelNames: ['name', 'outcome'],
    registers: [],
  });
  private readonly duration = new Histogram({
    name: 'token_ledger_jobs_run_duration_seconds',
    help: 'Duration of runs of jobs, by job',
    labelNames: ['name'],
    buckets: RUN_SECONDS,
    registers: [],
  });

  /** To be told of each run that ended. */
  readonly onRun = ({ name, outcome, durationMs }: JobRunReport): void => {
    this.runs.inc({ name, outcome });
    this.duration.observe({ name }, durationMs / 1000);
  };

  /** Begins to count these jobs: what is not there yet is no 0 to an alert. */
  expect(names: readonly string[]): void {
    for (const name of names) {
      for (const outcome of ['done', 'failed']) this.runs.inc({ name, outcome }, 0);
      this.duration.zero({ name });
    }
  }

  addTo(registry: Registry): void {
    for (const metric of [this.runs, this.duration]) registry.registerMetric(metric);
  }
}
