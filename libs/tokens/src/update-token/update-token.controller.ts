import { Body, Controller, Param, Patch } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, type Written, written } from '#libs/http';
import { TokenDto } from '../token.dto.js';
import { UpdateToken } from './update-token.command.js';
import { UpdateTokenDto } from './update-token.dto.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class UpdateTokenController {
  constructor(private readonly commands: CommandBus) {}

  /** Changes a live token. Its type, owner and handle never change. */
  @Patch(':uid')
  @Requires('tokens:write')
  @ApiOkResponse({ type: TokenDto })
  @ApiResponses(
    'not_found',
    'permission_denied',
    'token_not_active',
    'expiry_in_past',
    'expiry_too_long',
    'never_not_allowed',
    'not_ready',
  )
  async update(
    @Param('uid') uid: string,
    @Body() body: UpdateTokenDto,
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
  ): Promise<Written<TokenDto>> {
    const updated = await this.commands.execute(new UpdateToken(principal, context, uid, body));
    return written(updated.body, updated.position);
  }
}
