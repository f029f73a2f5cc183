import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Settings } from '#libs/config';
import { JobRunner } from '#libs/jobs';
import type { Shutdown } from './shutdown.js';

export interface JobsStart {
  readonly app: NestFastifyApplication;
  readonly settings: Settings;
  readonly shutdown: Shutdown;
}

/** Brings schedules up to date and begins to run jobs, unless the operator switched them off in this process. */
export async function startJobs({ app, settings, shutdown }: JobsStart): Promise<void> {
  const runner = app.get(JobRunner);
  shutdown.add('jobs', () => runner.close());
  await runner.start(settings.jobs);
}
