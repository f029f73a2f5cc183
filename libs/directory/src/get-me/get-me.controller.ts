import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { Caller, Requires } from '#libs/http';
import { MeDto } from './get-me.dto.js';
import { GetMe } from './get-me.query.js';

@ApiTags('Directory')
@Controller('v1/me')
export class GetMeController {
  constructor(private readonly queries: QueryBus) {}

  /** Who this credential is, its organizations, and what it may do; for every caller of management calls, whatever the scope. */
  @Get()
  @Requires('operations')
  @ApiOkResponse({ type: MeDto })
  get(@Caller() principal: Principal): Promise<MeDto> {
    return this.queries.execute(new GetMe(principal));
  }
}
