import { Controller, Delete, HttpCode, Param, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, type Written, written } from '#libs/http';
import { MemberPath } from '../member-path.dto.js';
import { EndMembership } from './end-membership.command.js';
import { EndMembershipQuery } from './end-membership.dto.js';

@ApiTags('Directory')
@Controller('v1/organizations')
export class EndMembershipController {
  constructor(private readonly commands: CommandBus) {}

  /** Ends a membership, and with it what personal tokens of the user may do here. For admins, and members who leave. */
  @Delete(':uid/members/:userUid')
  @HttpCode(204)
  @Requires('directory:write')
  @ApiNoContentResponse()
  @ApiResponses('not_found', 'permission_denied', 'last_admin', 'not_ready')
  async end(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Param() path: MemberPath,
    @Query() query: EndMembershipQuery,
  ): Promise<Written<undefined>> {
    const target = { organization: path.uid, user: path.userUid };
    const command = new EndMembership(principal, context, target, query.reason ?? null);
    const outcome = await this.commands.execute(command);
    return written(outcome.body, outcome.position);
  }
}
