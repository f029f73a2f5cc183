import { Body, Controller, Param, Patch } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, UidParam, type Written, written } from '#libs/http';
import { UserDto } from '../user.dto.js';
import { UpdateUser } from './update-user.command.js';
import { UpdateUserDto } from './update-user.dto.js';

@ApiTags('Directory')
@Controller('v1/users')
export class UpdateUserController {
  constructor(private readonly commands: CommandBus) {}

  /** Changes a user, named by uid or handle. For instance admins; users change their own name. */
  @Patch(':uid')
  @Requires('directory:write')
  @ApiOkResponse({ type: UserDto })
  @ApiResponses('not_found', 'permission_denied', 'not_ready')
  async update(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Param() { uid }: UidParam,
    @Body() body: UpdateUserDto,
  ): Promise<Written<UserDto>> {
    const outcome = await this.commands.execute(new UpdateUser(principal, context, uid, body));
    return written(outcome.body, outcome.position);
  }
}
