import { Body, Controller, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, MoneyMoving, Requires, UidParam, type Written, written } from '#libs/http';
import { ChargeDto } from '../charge.dto.js';
import { replayHeaders } from '../outcome.js';
import { ChargeAccount } from './charge-account.command.js';
import { ChargeAccountDto } from './charge-account.dto.js';

@ApiTags('Billing')
@Controller('v1/accounts')
export class ChargeAccountController {
  constructor(private readonly commands: CommandBus) {}

  /** Charges an account directly, without a use of a token. For instance admins and billing. */
  @Post(':uid/charges')
  @Requires('billing:write')
  @MoneyMoving()
  @ApiCreatedResponse({ type: ChargeDto })
  @ApiResponses('not_found', 'permission_denied', 'insufficient_credits', 'not_ready')
  async charge(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Param() { uid }: UidParam,
    @Body() body: ChargeAccountDto,
  ): Promise<Written<ChargeDto>> {
    const outcome = await this.commands.execute(new ChargeAccount(principal, context, uid, body));
    return written(outcome.body, outcome.position, replayHeaders(outcome));
  }
}
