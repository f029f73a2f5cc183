import { Body, Controller, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, MoneyMoving, Requires, UidParam, type Written, written } from '#libs/http';
import { replayHeaders } from '../outcome.js';
import { GrantCredits } from './grant-credits.command.js';
import { GrantDto } from './grant.dto.js';
import { GrantCreditsDto } from './grant-credits.dto.js';

@ApiTags('Billing')
@Controller('v1/accounts')
export class GrantCreditsController {
  constructor(private readonly commands: CommandBus) {}

  /** Grants credits to an account. For instance admins and billing. */
  @Post(':uid/grants')
  @Requires('billing:write')
  @MoneyMoving()
  @ApiCreatedResponse({ type: GrantDto })
  @ApiResponses('not_found', 'permission_denied', 'expiry_in_past', 'not_ready')
  async grant(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Param() { uid }: UidParam,
    @Body() body: GrantCreditsDto,
  ): Promise<Written<GrantDto>> {
    const outcome = await this.commands.execute(new GrantCredits(principal, context, uid, body));
    return written(outcome.body, outcome.position, replayHeaders(outcome));
  }
}
