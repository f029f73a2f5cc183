import { Command } from '@nestjs/cqrs';
import type { CommandContext, LedgerSettings, Principal } from '#libs/contracts';
import type { SettingsPatch } from '../domain/settings.js';
import type { Outcome } from '../directory-commands.js';

/** Changes the settings of the installation. */
export class UpdateSettings extends Command<Outcome<LedgerSettings>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly patch: SettingsPatch,
  ) {
    super();
  }
}
