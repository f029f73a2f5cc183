import { Command } from '@nestjs/cqrs';
import type { CommandContext } from '#libs/contracts';

/** Records that a token has expired; true when this call recorded it. */
export class ExpireToken extends Command<boolean> {
  constructor(
    readonly context: CommandContext,
    readonly tokenUid: string,
  ) {
    super();
  }
}
