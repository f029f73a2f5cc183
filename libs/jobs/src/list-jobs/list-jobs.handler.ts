import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { hasInstanceRole, refuse } from '#libs/contracts';
import { JobRunner, type JobStatus } from '../job-runner.js';
import { ListJobs } from './list-jobs.query.js';

@QueryHandler(ListJobs)
export class ListJobsHandler implements IQueryHandler<ListJobs> {
  constructor(private readonly runner: JobRunner) {}

  execute({ principal }: ListJobs): Promise<JobStatus[]> {
    if (!hasInstanceRole(principal, 'admin', 'auditor')) throw refuse('permission_denied');
    return this.runner.status();
  }
}
