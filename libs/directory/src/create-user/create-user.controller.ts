import { Body, Controller, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, type Written, written } from '#libs/http';
import { UserDto } from '../user.dto.js';
import { CreateUser } from './create-user.command.js';
import { CreateUserDto } from './create-user.dto.js';

@ApiTags('Directory')
@Controller('v1/users')
export class CreateUserController {
  constructor(private readonly commands: CommandBus) {}

  /** Makes a user, with an account for personal credits. For instance admins. */
  @Post()
  @Requires('directory:write')
  @ApiCreatedResponse({ type: UserDto })
  @ApiResponses('permission_denied', 'handle_taken')
  async create(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Body() body: CreateUserDto,
  ): Promise<Written<UserDto>> {
    const outcome = await this.commands.execute(new CreateUser(principal, context, body));
    return written(outcome.body, outcome.position, { location: `/v1/users/${outcome.body.uid}` });
  }
}
