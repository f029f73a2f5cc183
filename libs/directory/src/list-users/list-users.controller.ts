import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, ListQuery, Requires } from '#libs/http';
import type { Page } from '../page.js';
import type { UserDto } from '../user.dto.js';
import { UserPageDto } from './list-users.dto.js';
import { ListUsers } from './list-users.query.js';

@ApiTags('Directory')
@Controller('v1/users')
export class ListUsersController {
  constructor(private readonly queries: QueryBus) {}

  /** Lists the users that the caller may know of, by handle: itself and who shares an organization; instance roles see all. */
  @Get()
  @Requires('directory:read')
  @ApiOkResponse({ type: UserPageDto })
  @ApiResponses('invalid_cursor')
  list(@Caller() principal: Principal, @Query() query: ListQuery): Promise<Page<UserDto>> {
    return this.queries.execute(new ListUsers(principal, query));
  }
}
