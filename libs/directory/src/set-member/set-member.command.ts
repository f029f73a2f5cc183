import { Command } from '@nestjs/cqrs';
import type { CommandContext, MemberRole, Principal } from '#libs/contracts';
import type { Outcome } from '../directory-commands.js';
import type { MembershipDto } from './set-member.dto.js';

/** Makes a user a member with this role, or changes the role; both are named by uid or handle. */
export class SetMember extends Command<Outcome<MembershipDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly target: { readonly organization: string; readonly user: string },
    readonly role: MemberRole,
  ) {
    super();
  }
}
