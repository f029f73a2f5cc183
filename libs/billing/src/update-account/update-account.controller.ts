import { Body, Controller, Param, Patch } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, UidParam, type Written, written } from '#libs/http';
import { AccountDto } from '../account.dto.js';
import { UpdateAccount } from './update-account.command.js';
import { UpdateAccountDto } from './update-account.dto.js';

@ApiTags('Billing')
@Controller('v1/accounts')
export class UpdateAccountController {
  constructor(private readonly commands: CommandBus) {}

  /** Changes mode and limit of an account. For instance admins and billing. */
  @Patch(':uid')
  @Requires('billing:write')
  @ApiOkResponse({ type: AccountDto })
  @ApiResponses('not_found', 'permission_denied', 'not_ready')
  async update(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Param() { uid }: UidParam,
    @Body() body: UpdateAccountDto,
  ): Promise<Written<AccountDto>> {
    const outcome = await this.commands.execute(new UpdateAccount(principal, context, uid, body));
    return written(outcome.body, outcome.position);
  }
}
