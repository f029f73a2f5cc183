export type { JobBackend } from './job-queue.js';
export { type JobRunReport, JobRunner, type JobRunnerOptions, type JobStatus } from './job-runner.js';
export { JobRun, JobRuns, JobTables1764000000004 } from './job-runs.js';
export { JobsModule } from './jobs.module.js';
export { probeRedis, requireNoEviction } from './probe-redis.js';
export type { LedgerJob } from './ledger-job.js';
