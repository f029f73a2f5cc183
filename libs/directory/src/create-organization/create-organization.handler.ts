import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type Fact, metadataOf } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { DirectoryCommands, type Outcome } from '../directory-commands.js';
import { loadHolder } from '../directory-streams.js';
import { evolveOrganization, initialOrganization, type Organization } from '../domain/organization.js';
import { type OrganizationDto, organizationDto } from '../organization.dto.js';
import { CreateOrganization } from './create-organization.command.js';
import { decideCreateOrganization } from './create-organization.decide.js';

@CommandHandler(CreateOrganization)
export class CreateOrganizationHandler implements ICommandHandler<CreateOrganization> {
  constructor(private readonly commands: DirectoryCommands) {}

  execute(command: CreateOrganization): Promise<Outcome<OrganizationDto>> {
    const metadata = metadataOf(command.context);
    const evolve = (state: Organization | null, fact: Fact) => evolveOrganization(state, { ...fact, metadata });
    return this.commands.run(command.context, async (attempt) => {
      const holder = await loadHolder(attempt, command.data.handle);
      const streams = decideCreateOrganization({ organizationUid: attempt.ids.uid('org'), holder }, command);
      for (const { stream, facts } of streams) attempt.append(stream, facts);
      const organization = streams.flatMap(({ facts }) => facts).reduce(evolve, initialOrganization);
      assert(organization !== null, 'a new organization begins with OrganizationCreated');
      return organizationDto(organization);
    });
  }
}
