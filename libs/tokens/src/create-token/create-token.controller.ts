import { Body, Controller, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, ReplayAs, Requires, type Written, written } from '#libs/http';
import { CreateToken } from './create-token.command.js';
import { CreatedTokenDto, CreateTokenDto } from './create-token.dto.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class CreateTokenController {
  constructor(private readonly commands: CommandBus) {}

  /**
   * Makes a token and shows its secret, once. Every user makes personal tokens, admins of an organization its tokens,
   * instance admins all of them.
   */
  @Post()
  @Requires('tokens:write')
  @ReplayAs((body: CreatedTokenDto) => ({ ...body, secret: null }))
  @ApiCreatedResponse({ type: CreatedTokenDto })
  @ApiResponses(
    'owner_required',
    'permission_denied',
    'expiry_in_past',
    'expiry_too_long',
    'never_not_allowed',
    'user_disabled',
    'handle_taken',
    'token_limit_reached',
    'not_ready',
  )
  async create(
    @Body() body: CreateTokenDto,
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
  ): Promise<Written<CreatedTokenDto>> {
    const { custody: _custody, ...data } = body;
    const created = await this.commands.execute(new CreateToken(principal, context, data));
    const { token, secret } = created.body;
    return written({ token, secret: secret?.expose() ?? null }, created.position);
  }
}
