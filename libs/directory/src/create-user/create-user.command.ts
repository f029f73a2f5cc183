import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { Outcome } from '../directory-commands.js';
import type { UserDto } from '../user.dto.js';

export interface NewUser {
  readonly handle: string;
  readonly email: string;
  /** The handle when absent. */
  readonly name?: string;
}

/** Makes a user, with an account for personal credits. */
export class CreateUser extends Command<Outcome<UserDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly data: NewUser,
  ) {
    super();
  }
}
