import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { Outcome } from '../directory-commands.js';

/** Ends the membership of a user in an organization; both are named by uid or handle. */
export class EndMembership extends Command<Outcome<undefined>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly target: { readonly organization: string; readonly user: string },
    readonly reason: string | null,
  ) {
    super();
  }
}
