import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Fact, hasInstanceRole, refuse, streamOf, toEvents } from '#libs/contracts';
import { EventLog } from '#libs/event-log';
import { toInstant } from '#libs/kernel';
import { JobRunner } from '../job-runner.js';
import { type RequestedRun, RunJob } from './run-job.command.js';

@CommandHandler(RunJob)
export class RunJobHandler implements ICommandHandler<RunJob> {
  constructor(
    private readonly runner: JobRunner,
    private readonly log: EventLog,
  ) {}

  async execute({ name, principal, context }: RunJob): Promise<RequestedRun> {
    if (!hasInstanceRole(principal, 'admin')) throw refuse('permission_denied');
    if (!this.runner.has(name)) throw refuse('not_found');
    const fact: Fact = { type: 'JobRequested', data: { job: name } };
    const append = { stream: streamOf.system, expected: 'exists' as const, events: toEvents([fact], context) };
    const { position } = await this.log.append({ streams: [append] });
    await this.runner.request(name, context.requestId);
    return { name, requestedAt: toInstant(context.at), position };
  }
}
