import { Body, Controller, Delete, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, type Written, written } from '#libs/http';
import { ReasonDto } from '../reason.dto.js';
import { TokenDto } from '../token.dto.js';
import { RevokeToken } from './revoke-token.command.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class RevokeTokenController {
  constructor(private readonly commands: CommandBus) {}

  /** Ends a token: every check that starts after this answer refuses it. Again: nothing changes, the first time stands. */
  @Post(':uid/revoke')
  @HttpCode(200)
  @Requires('tokens:write')
  @ApiOkResponse({ type: TokenDto })
  @ApiResponses('not_found', 'permission_denied', 'not_ready')
  async revoke(
    @Param('uid') uid: string,
    @Body() { reason }: ReasonDto,
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
  ): Promise<Written<TokenDto>> {
    const command = new RevokeToken(principal, context, uid, reason ?? null);
    const { body, position } = await this.commands.execute(command);
    return written(body, position);
  }

  /** Ends a token, as `revoke` does; its history stays. */
  @Delete(':uid')
  @HttpCode(204)
  @Requires('tokens:write')
  @ApiNoContentResponse()
  @ApiResponses('not_found', 'permission_denied', 'not_ready')
  async delete(
    @Param('uid') uid: string,
    @Query() { reason }: ReasonDto,
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
  ): Promise<Written<undefined>> {
    const command = new RevokeToken(principal, context, uid, reason ?? null);
    const { position } = await this.commands.execute(command);
    return written(undefined, position);
  }
}
