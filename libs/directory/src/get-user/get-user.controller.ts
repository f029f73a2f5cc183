import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires, UidParam } from '#libs/http';
import { UserDto } from '../user.dto.js';
import { GetUser } from './get-user.query.js';

@ApiTags('Directory')
@Controller('v1/users')
export class GetUserController {
  constructor(private readonly queries: QueryBus) {}

  /** One user, by uid or handle. */
  @Get(':uid')
  @Requires('directory:read')
  @ApiOkResponse({ type: UserDto })
  @ApiResponses('not_found')
  get(@Caller() principal: Principal, @Param() { uid }: UidParam): Promise<UserDto> {
    return this.queries.execute(new GetUser(principal, uid));
  }
}
