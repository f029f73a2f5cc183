import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streamOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { DirectoryCommands, type Outcome } from '../directory-commands.js';
import { loadOrganization, loadUser } from '../directory-streams.js';
import { SetMember } from './set-member.command.js';
import { decideSetMember } from './set-member.decide.js';
import type { MembershipDto } from './set-member.dto.js';

@CommandHandler(SetMember)
export class SetMemberHandler implements ICommandHandler<SetMember> {
  constructor(private readonly commands: DirectoryCommands) {}

  execute(command: SetMember): Promise<Outcome<MembershipDto>> {
    const { target, role } = command;
    return this.commands.run(command.context, async (attempt) => {
      const organization = await loadOrganization(attempt, target.organization);
      const user = await loadUser(attempt, target.user);
      const facts = decideSetMember({ organization, user }, command);
      assert(organization !== null && user !== null, 'only what exists is brought together');
      attempt.append(streamOf.organization(organization.uid), facts);
      return { organization: organization.uid, user: user.uid, role };
    });
  }
}
