import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { Position } from '#libs/event-log';

export interface RequestedRun {
  readonly name: string;
  readonly requestedAt: string;
  readonly position: Position;
}

/** Asks for a run of a job out of turn. */
export class RunJob extends Command<RequestedRun> {
  constructor(
    readonly name: string,
    readonly principal: Principal,
    readonly context: CommandContext,
  ) {
    super();
  }
}
