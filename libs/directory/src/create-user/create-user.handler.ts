import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Fact, metadataOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { DirectoryCommands, type Outcome } from '../directory-commands.js';
import { loadHolder } from '../directory-streams.js';
import { evolveUser, initialUser, type User } from '../domain/user.js';
import { type UserDto, userDto } from '../user.dto.js';
import { CreateUser } from './create-user.command.js';
import { decideCreateUser } from './create-user.decide.js';

@CommandHandler(CreateUser)
export class CreateUserHandler implements ICommandHandler<CreateUser> {
  constructor(private readonly commands: DirectoryCommands) {}

  execute(command: CreateUser): Promise<Outcome<UserDto>> {
    const metadata = metadataOf(command.context);
    const evolve = (state: User | null, fact: Fact): User | null => evolveUser(state, { ...fact, metadata });
    return this.commands.run(command.context, async (attempt) => {
      const holder = await loadHolder(attempt, command.data.handle);
      const streams = decideCreateUser({ userUid: attempt.ids.uid('usr'), holder }, command);
      for (const { stream, facts } of streams) attempt.append(stream, facts);
      const user = streams.flatMap(({ facts }) => facts).reduce(evolve, initialUser);
      assert(user !== null, 'a new user begins with UserCreated');
      return userDto(user);
    });
  }
}
