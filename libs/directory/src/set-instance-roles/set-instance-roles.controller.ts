import { Body, Controller, Param, Put } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, UidParam, type Written, written } from '#libs/http';
import { UserDto } from '../user.dto.js';
import { SetInstanceRoles } from './set-instance-roles.command.js';
import { SetInstanceRolesDto } from './set-instance-roles.dto.js';

@ApiTags('Directory')
@Controller('v1/users')
export class SetInstanceRolesController {
  constructor(private readonly commands: CommandBus) {}

  /** Gives a user, named by uid or handle, exactly these instance roles. For instance admins. */
  @Put(':uid/roles')
  @Requires('directory:write')
  @ApiOkResponse({ type: UserDto })
  @ApiResponses('not_found', 'permission_denied', 'not_ready')
  async set(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Param() { uid }: UidParam,
    @Body() body: SetInstanceRolesDto,
  ): Promise<Written<UserDto>> {
    const outcome = await this.commands.execute(new SetInstanceRoles(principal, context, uid, body.roles));
    return written(outcome.body, outcome.position);
  }
}
