import { Command } from '@nestjs/cqrs';
import type { CommandContext } from '#libs/contracts';

/** Flags a token that was not used for long enough; true when this call recorded it. */
export class FlagUnusedToken extends Command<boolean> {
  constructor(
    readonly context: CommandContext,
    readonly tokenUid: string,
    /** Last use as the read model knows it, RFC 3339; null: never. */
    readonly lastUsedAt: string | null,
  ) {
    super();
  }
}
