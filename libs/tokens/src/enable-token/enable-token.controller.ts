import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, type Written, written } from '#libs/http';
import { ReasonDto } from '../reason.dto.js';
import { TokenDto } from '../token.dto.js';
import { EnableToken } from './enable-token.command.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class EnableTokenController {
  constructor(private readonly commands: CommandBus) {}

  /** Switches a disabled token on again. */
  @Post(':uid/enable')
  @HttpCode(200)
  @Requires('tokens:write')
  @ApiOkResponse({ type: TokenDto })
  @ApiResponses('not_found', 'permission_denied', 'token_not_active', 'not_ready')
  async enable(
    @Param('uid') uid: string,
    @Body() { reason }: ReasonDto,
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
  ): Promise<Written<TokenDto>> {
    const { body, position } = await this.commands.execute(new EnableToken(principal, context, uid, reason ?? null));
    return written(body, position);
  }
}
