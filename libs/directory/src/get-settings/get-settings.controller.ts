import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { LedgerSettings } from '#libs/contracts';
import { Requires } from '#libs/http';
import { SettingsDto } from '../settings.dto.js';
import { GetSettings } from './get-settings.query.js';

@ApiTags('Directory')
@Controller('v1/settings')
export class GetSettingsController {
  constructor(private readonly queries: QueryBus) {}

  /** The settings of the installation, for every signed-in caller. */
  @Get()
  @Requires('operations')
  @ApiOkResponse({ type: SettingsDto })
  get(): Promise<LedgerSettings> {
    return this.queries.execute(new GetSettings());
  }
}
