import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streamOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { DirectoryCommands, type Outcome } from '../directory-commands.js';
import { loadOrganization, loadSettings } from '../directory-streams.js';
import { evolveOrganization } from '../domain/organization.js';
import { type OrganizationDto, organizationDto } from '../organization.dto.js';
import { UpdateOrganization } from './update-organization.command.js';
import { decideUpdateOrganization } from './update-organization.decide.js';

@CommandHandler(UpdateOrganization)
export class UpdateOrganizationHandler implements ICommandHandler<UpdateOrganization> {
  constructor(private readonly commands: DirectoryCommands) {}

  execute(command: UpdateOrganization): Promise<Outcome<OrganizationDto>> {
    return this.commands.run(command.context, async (attempt) => {
      const before = await loadOrganization(attempt, command.organization);
      const installation = await loadSettings(attempt);
      const facts = decideUpdateOrganization({ organization: before, installation }, command);
      const organization = facts.reduce(evolveOrganization, before);
      assert(organization !== null, 'only an organization that exists changes');
      attempt.append(streamOf.organization(organization.uid), facts);
      return organizationDto(organization, installation);
    });
  }
}
