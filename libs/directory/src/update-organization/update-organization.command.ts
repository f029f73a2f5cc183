import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { SettingsPatch } from '../domain/settings.js';
import type { OrganizationDto } from '../organization.dto.js';
import type { Outcome } from '../directory-commands.js';

/** What is to change; absent: as it is. */
export interface OrganizationPatch {
  readonly name?: string;
  readonly settings?: SettingsPatch;
}

/** Changes an organization, named by uid or handle. */
export class UpdateOrganization extends Command<Outcome<OrganizationDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly organization: string,
    readonly data: OrganizationPatch,
  ) {
    super();
  }
}
