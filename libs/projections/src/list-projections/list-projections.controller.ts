import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires } from '#libs/http';
import { ListProjections, type ProjectionList } from './list-projections.query.js';
import { ProjectionPage } from './projection.dto.js';

@ApiTags('Jobs and operation')
@Controller('v1/projections')
export class ListProjectionsController {
  constructor(private readonly queries: QueryBus) {}

  /** How far each read model is behind the log, and what it could not fold. */
  @Get()
  @Requires('jobs:run')
  @ApiOkResponse({ type: ProjectionPage })
  @ApiResponses('permission_denied')
  list(@Caller() principal: Principal): Promise<ProjectionList> {
    return this.queries.execute(new ListProjections(principal));
  }
}
