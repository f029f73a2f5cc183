import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires, UidParam } from '#libs/http';
import { AccountDto } from '../account.dto.js';
import { GetAccount } from './get-account.query.js';

@ApiTags('Billing')
@Controller('v1/accounts')
export class GetAccountController {
  constructor(private readonly queries: QueryBus) {}

  /**
   * Balance and terms of an account: of one's own, of an organization for its admins, billing and auditors, of all for
   * the same roles of the instance. Exact: it holds every charge that was answered before this call.
   */
  @Get(':uid')
  @Requires('billing:read')
  @ApiOkResponse({ type: AccountDto })
  @ApiResponses('not_found', 'permission_denied')
  get(@Caller() principal: Principal, @Param() { uid }: UidParam): Promise<AccountDto> {
    return this.queries.execute(new GetAccount(principal, uid));
  }
}
