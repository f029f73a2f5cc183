import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, type Written, written } from '#libs/http';
import { ReasonDto } from '../reason.dto.js';
import { TokenDto } from '../token.dto.js';
import { DisableToken } from './disable-token.command.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class DisableTokenController {
  constructor(private readonly commands: CommandBus) {}

  /** Switches a live token off: every check that starts after this answer refuses it, until it is enabled again. */
  @Post(':uid/disable')
  @HttpCode(200)
  @Requires('tokens:write')
  @ApiOkResponse({ type: TokenDto })
  @ApiResponses('not_found', 'permission_denied', 'token_not_active', 'not_ready')
  async disable(
    @Param('uid') uid: string,
    @Body() { reason }: ReasonDto,
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
  ): Promise<Written<TokenDto>> {
    const { body, position } = await this.commands.execute(new DisableToken(principal, context, uid, reason ?? null));
    return written(body, position);
  }
}
