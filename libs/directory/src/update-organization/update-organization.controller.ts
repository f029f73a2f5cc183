import { Body, Controller, Param, Patch } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, UidParam, type Written, written } from '#libs/http';
import { OrganizationDto } from '../organization.dto.js';
import { UpdateOrganization } from './update-organization.command.js';
import { UpdateOrganizationDto } from './update-organization.dto.js';

@ApiTags('Directory')
@Controller('v1/organizations')
export class UpdateOrganizationController {
  constructor(private readonly commands: CommandBus) {}

  /** Changes an organization, named by uid or handle. For its admins and instance admins. */
  @Patch(':uid')
  @Requires('directory:write')
  @ApiOkResponse({ type: OrganizationDto })
  @ApiResponses('not_found', 'permission_denied', 'not_ready')
  async update(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Param() { uid }: UidParam,
    @Body() body: UpdateOrganizationDto,
  ): Promise<Written<OrganizationDto>> {
    const outcome = await this.commands.execute(new UpdateOrganization(principal, context, uid, body));
    return written(outcome.body, outcome.position);
  }
}
