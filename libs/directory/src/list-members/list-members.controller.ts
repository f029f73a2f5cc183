import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, ListQuery, Requires, UidParam } from '#libs/http';
import type { Page } from '../page.js';
import { type MemberDto, MemberPageDto } from './list-members.dto.js';
import { ListMembers } from './list-members.query.js';

@ApiTags('Directory')
@Controller('v1/organizations')
export class ListMembersController {
  constructor(private readonly queries: QueryBus) {}

  /** Lists the members of an organization, with their roles, to its members and to instance roles. */
  @Get(':uid/members')
  @Requires('directory:read')
  @ApiOkResponse({ type: MemberPageDto })
  @ApiResponses('not_found', 'invalid_cursor')
  list(
    @Caller() principal: Principal,
    @Param() { uid }: UidParam,
    @Query() query: ListQuery,
  ): Promise<Page<MemberDto>> {
    return this.queries.execute(new ListMembers(principal, uid, query));
  }
}
