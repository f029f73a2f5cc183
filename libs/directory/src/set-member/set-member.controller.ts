import { Body, Controller, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, type Written, written } from '#libs/http';
import { MemberPath } from '../member-path.dto.js';
import { SetMember } from './set-member.command.js';
import { MembershipDto, SetMemberDto } from './set-member.dto.js';

@ApiTags('Directory')
@Controller('v1/organizations')
export class SetMemberController {
  constructor(private readonly commands: CommandBus) {}

  /** Makes a user a member, or changes the member's role. For admins of the organization and instance admins. */
  @Put(':uid/members/:userUid')
  @Requires('directory:write')
  @ApiOkResponse({ type: MembershipDto })
  @ApiResponses('not_found', 'permission_denied', 'user_disabled', 'last_admin', 'not_ready')
  async set(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Param() path: MemberPath,
    @Body() body: SetMemberDto,
  ): Promise<Written<MembershipDto>> {
    const target = { organization: path.uid, user: path.userUid };
    const outcome = await this.commands.execute(new SetMember(principal, context, target, body.role));
    return written(outcome.body, outcome.position);
  }
}
