import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires } from '#libs/http';
import { ListTokensQuery, TokenPageDto } from './list-tokens.dto.js';
import { ListTokens, type TokenPage } from './list-tokens.query.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class ListTokensController {
  constructor(private readonly queries: QueryBus) {}

  /**
   * Lists the tokens that the caller may know of: its own and those of its organizations; instance admins and auditors
   * see all, and only instance admins admin tokens. Every status unless filtered.
   */
  @Get()
  @Requires('tokens:read')
  @ApiOkResponse({ type: TokenPageDto })
  @ApiResponses('invalid_cursor', 'secret_in_request')
  list(@Caller() principal: Principal, @Query() query: ListTokensQuery): Promise<TokenPage> {
    return this.queries.execute(new ListTokens(principal, query));
  }
}
