import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streamOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { DirectoryCommands, type Outcome } from '../directory-commands.js';
import { loadOrganization, loadUser } from '../directory-streams.js';
import { EndMembership } from './end-membership.command.js';
import { decideEndMembership } from './end-membership.decide.js';

@CommandHandler(EndMembership)
export class EndMembershipHandler implements ICommandHandler<EndMembership> {
  constructor(private readonly commands: DirectoryCommands) {}

  execute(command: EndMembership): Promise<Outcome<undefined>> {
    const { target } = command;
    return this.commands.run(command.context, async (attempt) => {
      const organization = await loadOrganization(attempt, target.organization);
      const user = await loadUser(attempt, target.user);
      const facts = decideEndMembership({ organization, userUid: user?.uid ?? null }, command);
      assert(organization !== null, 'only an organization that exists changes');
      attempt.append(streamOf.organization(organization.uid), facts);
      return undefined;
    });
  }
}
