import { Command } from '@nestjs/cqrs';
import type { CommandContext, InstanceRole, Principal } from '#libs/contracts';
import type { Outcome } from '../directory-commands.js';
import type { UserDto } from '../user.dto.js';

/** Gives a user, named by uid or handle, exactly these instance roles. */
export class SetInstanceRoles extends Command<Outcome<UserDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly user: string,
    readonly roles: readonly InstanceRole[],
  ) {
    super();
  }
}
