import { Module } from '@nestjs/common';
import { ListJobsController } from './list-jobs/list-jobs.controller.js';
import { ListJobsHandler } from './list-jobs/list-jobs.handler.js';
import { RunJobController } from './run-job/run-job.controller.js';
import { RunJobHandler } from './run-job/run-job.handler.js';

/** Listing jobs and asking for runs; the app provides the JobRunner. */
@Module({
  controllers: [ListJobsController, RunJobController],
  providers: [ListJobsHandler, RunJobHandler],
})
export class JobsModule {}
