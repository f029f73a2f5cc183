import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '#libs/config';
import { JobRunner, probeRedis } from '#libs/jobs';
import type { Shutdown } from './shutdown.js';
import { requireUsable } from './unusable-service.js';

export interface JobsStart {
  readonly app: NestFastifyApplication;
  readonly settings: Settings;
  readonly shutdown: Shutdown;
}

/** Throws UnusableService for a Redis that the settings name and that is not there. */
export async function requireRedis({ redisUrl: url }: Settings): Promise<void> {
  if (url !== null) await requireUsable({ setting: 'REDIS_URL', kind: 'Redis', url }, () => probeRedis(url));
}

/** Brings schedules up to date and begins to run jobs, unless the operator switched them off in this process. */
export async function startJobs({ app, settings, shutdown }: JobsStart): Promise<void> {
  const runner = app.get(JobRunner);
  shutdown.add('jobs', () => runner.close());
  await runner.start(settings.jobs);
}
