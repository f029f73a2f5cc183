import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { Outcome } from '../outcome.js';
import type { TokenDto } from '../token.dto.js';

/** Ends a token for good. */
export class RevokeToken extends Command<Outcome<TokenDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly tokenUid: string,
    readonly reason: string | null,
  ) {
    super();
  }
}
