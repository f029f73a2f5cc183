import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '#libs/config';
import { NestLogger } from '#libs/http';
import { JobRunner, requireNoEviction } from '#libs/jobs';
import type { Duties } from './duties.js';
import { LedgerModule } from './ledger.module.js';
import type { Services } from './services.js';
import type { Shutdown } from './shutdown.js';
import { requireUsable } from './unusable-service.js';

export interface JobsStart {
  readonly app: NestFastifyApplication;
  readonly duties: Duties;
  readonly services: Services;
  readonly shutdown: Shutdown;
}

/** Throws UnusableService for a Redis that the settings name and that is not there, or that may drop jobs. */
export async function requireRedis({ redisUrl: url }: Settings, { serves, works }: Duties): Promise<void> {
  if (url === null || (!serves && !works)) return;
  await requireUsable({ setting: 'REDIS_URL', kind: 'Redis', url }, () => requireNoEviction(url));
}

/** Brings schedules up to date and begins to run jobs, where this process does; one that serves may ask for runs. */
export async function startJobs({ app, duties, services, shutdown }: JobsStart): Promise<void> {
  if (!duties.serves && !duties.works) return;
  const runner = duties.serves ? app.get(JobRunner) : await runnerWithoutRoutes(services, shutdown);
  shutdown.add('jobs', () => runner.close());
  await runner.start(duties.works);
}

/** The handlers that jobs issue their commands to, in a container that no HTTP server stands in front of. */
async function runnerWithoutRoutes(services: Services, shutdown: Shutdown): Promise<JobRunner> {
  const container = await NestFactory.createApplicationContext(LedgerModule.of(services), {
    logger: new NestLogger(services.logger),
    abortOnError: false,
  });
  shutdown.add('handlers of jobs', () => container.close());
  return container.get(JobRunner);
}
