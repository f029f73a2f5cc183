import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires } from '#libs/http';
import { TokenUsageDto, TokenUsageQuery } from './get-token-usage.dto.js';
import { GetTokenUsage } from './get-token-usage.query.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class GetTokenUsageController {
  constructor(private readonly queries: QueryBus) {}

  /** How often a token was used and refused, by hour or day, and when and from where it was last used. */
  @Get(':uid/usage')
  @Requires('tokens:read')
  @ApiOkResponse({ type: TokenUsageDto })
  @ApiResponses('not_found')
  usage(
    @Param('uid') uid: string,
    @Caller() principal: Principal,
    @Query() query: TokenUsageQuery,
  ): Promise<TokenUsageDto> {
    return this.queries.execute(new GetTokenUsage(principal, uid, query));
  }
}
