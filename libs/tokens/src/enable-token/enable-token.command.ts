import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { Outcome } from '../outcome.js';
import type { TokenDto } from '../token.dto.js';

/** Switches a disabled token on again. */
export class EnableToken extends Command<Outcome<TokenDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly tokenUid: string,
    readonly reason: string | null,
  ) {
    super();
  }
}
