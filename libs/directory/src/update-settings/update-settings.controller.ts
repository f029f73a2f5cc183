import { Body, Controller, Patch } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { CommandContext, LedgerSettings, Principal } from '#libs/contracts';
import { ApiResponses, Caller, Ctx, Requires, type Written, written } from '#libs/http';
import { SettingsDto, SettingsPatchDto } from '../settings.dto.js';
import { UpdateSettings } from './update-settings.command.js';

@ApiTags('Directory')
@Controller('v1/settings')
export class UpdateSettingsController {
  constructor(private readonly commands: CommandBus) {}

  /** Changes the settings of the installation. For instance admins. */
  @Patch()
  @Requires('directory:write')
  @ApiOkResponse({ type: SettingsDto })
  @ApiResponses('permission_denied', 'not_ready')
  async update(
    @Caller() principal: Principal,
    @Ctx() context: CommandContext,
    @Body() body: SettingsPatchDto,
  ): Promise<Written<LedgerSettings>> {
    const outcome = await this.commands.execute(new UpdateSettings(principal, context, body));
    return written(outcome.body, outcome.position);
  }
}
