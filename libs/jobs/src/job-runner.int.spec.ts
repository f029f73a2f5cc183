import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { CommandContext } from '#libs/contracts';
import { SystemClock } from '#libs/kernel';
import { freePort, REDIS, whereInstalled } from '#libs/kernel/testing';
import { createTestDatabase } from '#libs/postgres/testing';
import type { JobBackend } from './job-queue.js';
import { JobRun, JobRuns, JobTables1764000000004 } from './job-runs.js';
import { JobRunner } from './job-runner.js';
import type { LedgerJob } from './ledger-job.js';

jest.setTimeout(60_000);

/** Far enough apart that a run in between was not the next turn. */
const SELDOM_MS = 20_000;
const describeRedis = whereInstalled(describe, REDIS, 'jobs on Redis');

/** A job that tells the test of each of its runs. */
class CountingJob implements LedgerJob {
  readonly description = 'counts its runs';
  readonly contexts: CommandContext[] = [];
  dueAt: number | null = null;
  private waiting: (() => void)[] = [];

  constructor(
    readonly name: string,
    readonly everyMs: number,
    private readonly outcome: () => Record<string, number> = () => ({ found: 2 }),
  ) {}

  async run(context: CommandContext): Promise<Record<string, number>> {
    this.contexts.push(context);
    this.waiting.splice(0).forEach((told) => told());
    return Promise.resolve(this.outcome());
  }

  nextDueAt(): Promise<number | null> {
    const due = this.dueAt;
    this.dueAt = null;
    return Promise.resolve(due);
  }

  async runs(count: number): Promise<void> {
    while (this.contexts.length < count) await new Promise<void>((told) => this.waiting.push(told));
  }
}

function jobsOn(open: () => { backend: JobBackend; dataSource: DataSource }) {
  const runners: JobRunner[] = [];
  const errors: unknown[] = [];
  afterAll(async () => {
    for (const runner of runners) await runner.close();
  });

  async function start(jobs: LedgerJob[], work = true): Promise<JobRunner> {
    const { backend, dataSource } = open();
    const log = { error: (details: object) => void errors.push(details) };
    const onQueueFailure = (error: Error) => void errors.push(error);
    const runs = new JobRuns(dataSource);
    const runner = new JobRunner({ backend, jobs, runs, clock: new SystemClock(), log, onQueueFailure });
    runners.push(runner);
    await runner.start(work);
    return runner;
  }

  async function close(runner: JobRunner): Promise<void> {
    runners.splice(runners.indexOf(runner), 1);
    await runner.close();
  }

  it('runs a job on its schedule, and shows its last run', async () => {
    const job = new CountingJob('sweep-one', 500);
    const runner = await start([job]);
    await job.runs(2);
    await close(runner);
    expect(job.contexts[0]?.actor).toEqual({ type: 'job', uid: 'sweep-one' });
    const again = await start([job], false);
    const [status] = await again.status();
    expect(status).toMatchObject({ name: 'sweep-one', schedule: { everyMs: 500 } });
    expect(status?.lastRun).toMatchObject({ outcome: 'done', result: { found: 2 } });
    await close(again);
  });

  it('runs a job out of turn, for the request that asked', async () => {
    const job = new CountingJob('sweep-two', SELDOM_MS);
    const runner = await start([job]);
    await job.runs(1);
    await runner.request('sweep-two', 'req_asked');
    const asked = () => job.contexts.find(({ requestId }) => requestId === 'req_asked');
    while (asked() === undefined) await job.runs(job.contexts.length + 1);
    expect(asked()?.actor.uid).toBe('sweep-two');
    await close(runner);
  });

  it('adds a run for work that falls due before the next turn', async () => {
    const job = new CountingJob('sweep-three', SELDOM_MS);
    const dueAt = new SystemClock().now() + 3_000;
    job.dueAt = dueAt;
    const runner = await start([job]);
    await job.runs(2);
    const [first, second] = job.contexts;
    expect(second?.at).toBeGreaterThanOrEqual(dueAt);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeLessThan(SELDOM_MS);
    await close(runner);
  });

  it('records that a run failed, and runs again', async () => {
    let calls = 0;
    const job = new CountingJob('sweep-four', 300, () => {
      calls += 1;
      if (calls === 1) throw new Error('the database was away');
      return { found: 0 };
    });
    const runner = await start([job]);
    await job.runs(2);
    await close(runner);
    expect(errors).toHaveLength(1);
  });

  it('forgets the schedule of a job that is gone', async () => {
    const first = await start([new CountingJob('sweep-old', SELDOM_MS)], false);
    await close(first);
    const job = new CountingJob('sweep-new', 1_000);
    const second = await start([job]);
    await job.runs(1);
    expect((await second.status()).map(({ name }) => name)).toEqual(['sweep-new']);
    await close(second);
  });
}

describe('JobRunner', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase();
    const { connectionString: url } = database;
    dataSource = new DataSource({ type: 'postgres', url, entities: [JobRun], migrations: [JobTables1764000000004] });
    await dataSource.initialize();
    await dataSource.runMigrations();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  describe('on PostgreSQL', () => {
    jobsOn(() => ({ backend: { kind: 'postgres', connectionString: database.connectionString }, dataSource }));
  });

  describeRedis('on Redis (redis-server of the system)', () => {
    let redis: ChildProcess;
    let folder: string;
    let port: number;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'redis-'));
      port = await freePort();
      const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
      redis = spawn('redis-server', [...options, '--maxmemory-policy', 'noeviction'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await accepting(redis);
    });
    afterAll(async () => {
      redis.kill();
      await once(redis, 'exit');
      await rm(folder, { recursive: true });
    });
    jobsOn(() => ({ backend: { kind: 'redis', url: `redis://127.0.0.1:${port}` }, dataSource }));

    it('refuses with not_ready, in a bounded time, what needs a queue that does not answer, and answers when it does', async () => {
      const runner = new JobRunner({
        backend: { kind: 'redis', url: `redis://127.0.0.1:${port}` },
        jobs: [new CountingJob('sweep-late', SELDOM_MS)],
        runs: new JobRuns(dataSource),
        clock: new SystemClock(),
        answerWithinMs: 300,
        log: { error: () => undefined },
        onQueueFailure: () => undefined,
      });
      await runner.start(false);
      try {
        redis.kill('SIGSTOP');
        for (const ask of [() => runner.status(), () => runner.request('sweep-late', 'req_late')]) {
          await expect(ask()).rejects.toMatchObject({ code: 'not_ready' });
        }
        redis.kill('SIGCONT');
        await expect(runner.status()).resolves.toHaveLength(1);
      } finally {
        redis.kill('SIGCONT');
        await runner.close();
      }
    });
  });
});

/** Resolves when the server accepts connections; goes on reading what it prints, or it would block. */
function accepting(redis: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    redis.stdout?.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve();
    });
  });
}
