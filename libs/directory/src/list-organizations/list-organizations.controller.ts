import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, ListQuery, Requires } from '#libs/http';
import type { Page } from '../page.js';
import type { OrganizationDto } from '../organization.dto.js';
import { OrganizationPageDto } from './list-organizations.dto.js';
import { ListOrganizations } from './list-organizations.query.js';

@ApiTags('Directory')
@Controller('v1/organizations')
export class ListOrganizationsController {
  constructor(private readonly queries: QueryBus) {}

  /** Lists the organizations that the caller may know of, by handle: its own; instance roles see all. */
  @Get()
  @Requires('directory:read')
  @ApiOkResponse({ type: OrganizationPageDto })
  @ApiResponses('invalid_cursor')
  list(@Caller() principal: Principal, @Query() query: ListQuery): Promise<Page<OrganizationDto>> {
    return this.queries.execute(new ListOrganizations(principal, query));
  }
}
