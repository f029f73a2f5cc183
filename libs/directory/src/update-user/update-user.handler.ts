import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streamOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { DirectoryCommands, type Outcome } from '../directory-commands.js';
import { loadSettings, loadUserTarget } from '../directory-streams.js';
import { evolveUser } from '../domain/user.js';
import { type UserDto, userDto } from '../user.dto.js';
import { UpdateUser } from './update-user.command.js';
import { decideUpdateUser } from './update-user.decide.js';

@CommandHandler(UpdateUser)
export class UpdateUserHandler implements ICommandHandler<UpdateUser> {
  constructor(private readonly commands: DirectoryCommands) {}

  execute(command: UpdateUser): Promise<Outcome<UserDto>> {
    return this.commands.run(command.context, async (attempt) => {
      const target = await loadUserTarget(attempt, command.principal, command.user);
      const installation = await loadSettings(attempt);
      const facts = decideUpdateUser({ ...target, installation }, command);
      const user = facts.reduce(evolveUser, target.user);
      assert(user !== null, 'only a user that exists changes');
      attempt.append(streamOf.user(user.uid), facts);
      return userDto(user, installation);
    });
  }
}
