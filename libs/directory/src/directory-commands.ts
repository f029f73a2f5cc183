import { Injectable } from '@nestjs/common';
import type { CommandContext } from '#libs/contracts';
import { type CommandTry, EventLog, type Position, StreamRepository } from '#libs/event-log';

/** What a command of the directory answers. */
export interface Outcome<Body> {
  readonly body: Body;
  /** A read model that has come so far shows what `body` says. */
  readonly position: Position;
}

/** Runs the commands of the directory on the streams of the log. */
@Injectable()
export class DirectoryCommands {
  constructor(
    private readonly streams: StreamRepository,
    private readonly log: EventLog,
  ) {}

  /** Runs `attempt`, and again while others are faster; see StreamRepository.executeAcross. */
  async run<Body>(context: CommandContext, attempt: (attempt: CommandTry) => Promise<Body>): Promise<Outcome<Body>> {
    const { result, appended } = await this.streams.executeAcross(context, attempt);
    // Who is told that nothing had to change must be able to read it too: what was decided on may not be shown yet.
    return { body: result, position: appended?.position ?? (await this.log.heads()).all };
  }
}
