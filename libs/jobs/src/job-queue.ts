import {
  createPostgresBackend,
  type JobSchedulerJson,
  type PgPool,
  Queue,
  runMigrations,
  withBackend,
  Worker,
} from 'bullmq';
import pg from 'pg';
import { outliveBreaks } from '#libs/postgres';

const QUEUE = 'ledger-jobs';
const SCHEMA = 'bullmq';
/** One waits to be notified of jobs, the others are for the queue and the worker. */
const POOL_MAX = 5;

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

/**
 * How long a worker waits after its connection broke, in milliseconds. BullMQ's own 15 s cannot be cut short: expiries
 * would be recorded so much later after each outage, and a server that is stopped within them would stand waiting.
 */
const AGAIN_AFTER_MS = 1_000;

/** A job as the worker gets it. */
export interface QueuedJob {
  readonly name: string;
  readonly data: { readonly requestId?: string };
}

/** Finished runs are remembered in a table of our own; the queue keeps a few for debugging. */
const KEEP = { removeOnComplete: { count: 100 }, removeOnFail: { count: 100 } };

/** What one process has open of the queue. */
export interface JobConnection {
  readonly queue: JobQueue;
  /** Starts to work on queued jobs, one at a time. */
  openWorker(work: (job: QueuedJob) => Promise<unknown>): JobWorker;
  /** Lets the run under way end, then gives the connections back. */
  close(): Promise<void>;
}

/** Opens the queue; on PostgreSQL its schema is brought up to date first, under the queue's own lock. */
export async function openJobConnection(backend: JobBackend): Promise<JobConnection> {
  return backend.kind === 'redis' ? openOnRedis(backend.url) : openOnPostgres(backend.connectionString);
}

function openOnRedis(url: string): JobConnection {
  // Null is what workers need: a blocking read must wait for Redis to come back instead of failing.
  const connection = { url, maxRetriesPerRequest: null };
  const queue = new Queue(QUEUE, { connection, defaultJobOptions: KEEP });
  return connectionOf(queue, (work) => new Worker(QUEUE, work, { connection, runRetryDelay: AGAIN_AFTER_MS }));
}

async function openOnPostgres(connectionString: string): Promise<JobConnection> {
  const pool = openPool(connectionString);
  try {
    await bringUpToDate(pool);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend);
  const queue = new PostgresQueue(QUEUE, { connection: pool, defaultJobOptions: KEEP });
  return connectionOf(
    queue,
    (work) => new PostgresWorker(QUEUE, work, { connection: pool, runRetryDelay: AGAIN_AFTER_MS }),
    () => pool.end(),
  );
}

function connectionOf(
  queue: JobQueue,
  openWorker: (work: (job: QueuedJob) => Promise<unknown>) => JobWorker,
  end: () => Promise<void> = () => Promise.resolve(),
): JobConnection {
  const workers: JobWorker[] = [];
  return {
    queue,
    openWorker: (work) => {
      const worker = openWorker(work);
      workers.push(worker);
      return worker;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await queue.close();
      await end();
    },
  };
}

/**
 * Connections of our own: BullMQ listens to the errors of one it made itself only some time after it is open, and one
 * that breaks before would end the process.
 */
function openPool(connectionString: string): PgPool {
  const pool = new pg.Pool({
    connectionString,
    max: POOL_MAX,
    // Where BullMQ looks for its tables when it is given a pool.
    options: `-c search_path=${SCHEMA}`,
    application_name: 'token-ledger jobs',
    // A worker waits to be notified, for an hour if nothing comes.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    onConnect: outliveBreaks,
  });
  // Whoever uses a connection that was lost is told by its query, and an idle one is replaced.
  pool.on('error', () => undefined);
  // What BullMQ declares of a pool that it takes does not match the types of `pg`.
  return pool as unknown as PgPool;
}

async function bringUpToDate(pool: PgPool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
}
