import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { SettingsPatch } from '../domain/settings.js';
import type { User } from '../domain/user.js';
import type { Outcome } from '../directory-commands.js';
import type { UserDto } from '../user.dto.js';

/** What is to change; absent: as it is. */
export interface UserPatch {
  readonly name?: string;
  readonly email?: string;
  readonly status?: User['status'];
  /** Why the status changes. */
  readonly reason?: string;
  readonly settings?: SettingsPatch;
}

/** Changes a user, named by uid or handle. */
export class UpdateUser extends Command<Outcome<UserDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly user: string,
    readonly data: UserPatch,
  ) {
    super();
  }
}
