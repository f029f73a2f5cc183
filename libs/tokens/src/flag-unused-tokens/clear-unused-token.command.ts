import { Command } from '@nestjs/cqrs';
import type { CommandContext } from '#libs/contracts';

/** Takes the flag off a token that was used again; true when this call recorded it. */
export class ClearUnusedToken extends Command<boolean> {
  constructor(
    readonly context: CommandContext,
    readonly tokenUid: string,
    /** The use that the read model knows of, RFC 3339. */
    readonly usedAt: string,
  ) {
    super();
  }
}
