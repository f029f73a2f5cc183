import { createPostgresBackend, type JobSchedulerJson, Queue, runMigrations, withBackend, Worker } from 'bullmq';
import pg from 'pg';

const QUEUE = 'ledger-jobs';
const SCHEMA = 'bullmq';
const POOL_MAX = 2;

export type JobBackend =
  { readonly kind: 'postgres'; readonly connectionString: string } | { readonly kind: 'redis'; readonly url: string };

/** What the runner needs of a queue, whichever backend holds it. */
export interface JobQueue {
  add(name: string, data: object, options: { jobId?: string; delay?: number }): Promise<unknown>;
  upsertJobScheduler(id: string, repeat: { every: number }, template: { name: string }): Promise<unknown>;
  removeJobScheduler(id: string): Promise<unknown>;
  getJobSchedulers(): Promise<JobSchedulerJson[]>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

export interface JobWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

/** A job as the worker gets it. */
export interface QueuedJob {
  readonly name: string;
  readonly data: { readonly requestId?: string };
}

/** Finished runs are remembered in a table of our own; the queue keeps a few for debugging. */
const KEEP = { removeOnComplete: { count: 100 }, removeOnFail: { count: 100 } };

/** Opens the queue; on PostgreSQL its schema is brought up to date first, under the queue's own lock. */
export async function openJobQueue(backend: JobBackend): Promise<JobQueue> {
  if (backend.kind === 'redis') {
    return new Queue(QUEUE, { connection: redisConnection(backend.url), defaultJobOptions: KEEP });
  }
  const client = new pg.Client({ connectionString: backend.connectionString });
  await client.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
  const { Queue: PostgresQueue } = withBackend(createPostgresBackend);
  return new PostgresQueue(QUEUE, { connection: postgresConnection(backend), defaultJobOptions: KEEP });
}

/** Starts to work on queued jobs, one at a time. */
export function openJobWorker(backend: JobBackend, work: (job: QueuedJob) => Promise<unknown>): JobWorker {
  const process = (job: QueuedJob) => work(job);
  if (backend.kind === 'redis') return new Worker(QUEUE, process, { connection: redisConnection(backend.url) });
  const { Worker: PostgresWorker } = withBackend(createPostgresBackend);
  return new PostgresWorker(QUEUE, process, { connection: postgresConnection(backend) });
}

function postgresConnection(backend: { readonly connectionString: string }) {
  return { connectionString: backend.connectionString, schema: SCHEMA, max: POOL_MAX };
}

function redisConnection(url: string) {
  // Null is what workers need: a blocking read must wait for Redis to come back instead of failing.
  return { url, maxRetriesPerRequest: null };
}
