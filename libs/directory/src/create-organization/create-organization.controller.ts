import { Body, Controller, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, type Written, written } from '#libs/http';
import { OrganizationDto } from '../organization.dto.js';
import { CreateOrganization } from './create-organization.command.js';
import { CreateOrganizationDto } from './create-organization.dto.js';

@ApiTags('Directory')
@Controller('v1/organizations')
export class CreateOrganizationController {
  constructor(private readonly commands: CommandBus) {}

  /** Makes an organization, with an account. The user who asks becomes its admin; the installation itself adds nobody. */
  @Post()
  @Requires('directory:write')
  @ApiCreatedResponse({ type: OrganizationDto })
  @ApiResponses('permission_denied', 'handle_taken')
  async create(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Body() body: CreateOrganizationDto,
  ): Promise<Written<OrganizationDto>> {
    const outcome = await this.commands.execute(new CreateOrganization(principal, context, body));
    return written(outcome.body, outcome.position, { location: `/v1/organizations/${outcome.body.uid}` });
  }
}
