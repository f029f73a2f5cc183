import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires, type Written, written } from '#libs/http';
import { RebuildProjection } from './rebuild-projection.command.js';
import { RebuildAnswer, RebuildParams } from './rebuild-projection.dto.js';

@ApiTags('Jobs and operation')
@Controller('v1/projections')
export class RebuildProjectionController {
  constructor(private readonly commands: CommandBus) {}

  /** Fills the read model anew from the log, beside the live one, which it replaces when it has caught up. */
  @Post(':name/rebuild')
  @HttpCode(202)
  @Requires('jobs:run')
  @ApiAcceptedResponse({ type: RebuildAnswer })
  @ApiResponses('permission_denied', 'not_found', 'conflict')
  async rebuild(@Param() { name }: RebuildParams, @Caller() principal: Principal): Promise<Written<RebuildAnswer>> {
    await this.commands.execute(new RebuildProjection(name, principal));
    return written({ name }, null);
  }
}
