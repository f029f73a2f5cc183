import { Body, Controller, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, MoneyMoving, Requires, UidParam, type Written, written } from '#libs/http';
import { ChargeDto } from '../charge.dto.js';
import { replayHeaders } from '../outcome.js';
import { ReverseCharge } from './reverse-charge.command.js';
import { ReverseChargeDto } from './reverse-charge.dto.js';

@ApiTags('Billing')
@Controller('v1/charges')
export class ReverseChargeController {
  constructor(private readonly commands: CommandBus) {}

  /**
   * Takes a charge back, whole or in part. The overdraft is lowered first, then the grants that paid get their credits
   * back, last first; what a grant paid that has ended meanwhile is lost. For instance admins and billing.
   */
  @Post(':uid/reversals')
  @Requires('billing:write')
  @MoneyMoving()
  @ApiCreatedResponse({ type: ChargeDto })
  @ApiResponses('not_found', 'permission_denied', 'already_reversed', 'not_ready')
  async reverse(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Param() { uid }: UidParam,
    @Body() body: ReverseChargeDto,
  ): Promise<Written<ChargeDto>> {
    const outcome = await this.commands.execute(new ReverseCharge(principal, context, uid, body));
    return written(outcome.body, outcome.position, replayHeaders(outcome));
  }
}
