import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires } from '#libs/http';
import { TokenDto } from '../token.dto.js';
import { GetToken } from './get-token.query.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class GetTokenController {
  constructor(private readonly queries: QueryBus) {}

  /** One token, live or ended. */
  @Get(':uid')
  @Requires('tokens:read')
  @ApiOkResponse({ type: TokenDto })
  @ApiResponses('not_found')
  get(@Caller() principal: Principal, @Param('uid') uid: string): Promise<TokenDto> {
    return this.queries.execute(new GetToken(principal, uid));
  }
}
