import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { OrganizationDto } from '../organization.dto.js';
import type { Outcome } from '../directory-commands.js';

export interface NewOrganization {
  readonly handle: string;
  /** The handle when absent. */
  readonly name?: string;
}

/** Makes an organization, with an account; the user who asks becomes its admin. */
export class CreateOrganization extends Command<Outcome<OrganizationDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly data: NewOrganization,
  ) {
    super();
  }
}
