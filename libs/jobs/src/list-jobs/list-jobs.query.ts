import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { JobStatus } from '../job-runner.js';

/** All jobs with their schedule and last run. */
export class ListJobs extends Query<readonly JobStatus[]> {
  constructor(readonly principal: Principal) {
    super();
  }
}
