import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires } from '#libs/http';
import type { JobStatus } from '../job-runner.js';
import { JobPage } from './job.dto.js';
import { ListJobs } from './list-jobs.query.js';

@ApiTags('Jobs and operation')
@Controller('v1/jobs')
export class ListJobsController {
  constructor(private readonly queries: QueryBus) {}

  /** All jobs: schedule, next run, last run and its result. */
  @Get()
  @Requires('jobs:run')
  @ApiOkResponse({ type: JobPage })
  @ApiResponses('permission_denied')
  async list(@Caller() principal: Principal): Promise<{ data: readonly JobStatus[]; nextCursor: null }> {
    return { data: await this.queries.execute(new ListJobs(principal)), nextCursor: null };
  }
}
