import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, written } from '#libs/http';
import { RunJob } from './run-job.command.js';
import { RequestedRunAnswer, RunJobParams } from './run-job.dto.js';

@ApiTags('Jobs and operation')
@Controller('v1/jobs')
export class RunJobController {
  constructor(private readonly commands: CommandBus) {}

  /** Queues a run of the job out of turn. */
  @Post(':name/run')
  @HttpCode(202)
  @Requires('jobs:run')
  @ApiAcceptedResponse({ type: RequestedRunAnswer })
  @ApiResponses('permission_denied', 'not_found')
  async run(@Param() { name }: RunJobParams, @Caller() principal: Principal, @Ctx() context: CommandContext) {
    const { position, ...requested } = await this.commands.execute(new RunJob(name, principal, context));
    return written(requested, position);
  }
}
