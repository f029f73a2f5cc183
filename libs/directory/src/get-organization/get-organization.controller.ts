import { Controller, Get, Param } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires, UidParam } from '#libs/http';
import { OrganizationDto } from '../organization.dto.js';
import { GetOrganization } from './get-organization.query.js';

@ApiTags('Directory')
@Controller('v1/organizations')
export class GetOrganizationController {
  constructor(private readonly queries: QueryBus) {}

  /** One organization, by uid or handle. */
  @Get(':uid')
  @Requires('directory:read')
  @ApiOkResponse({ type: OrganizationDto })
  @ApiResponses('not_found')
  get(@Caller() principal: Principal, @Param() { uid }: UidParam): Promise<OrganizationDto> {
    return this.queries.execute(new GetOrganization(principal, uid));
  }
}
