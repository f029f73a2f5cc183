import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type LedgerSettings, streamOf } from '#libs/contracts';
import { DirectoryCommands, type Outcome } from '../directory-commands.js';
import { loadSettings } from '../directory-streams.js';
import { evolveSettings } from '../domain/settings.js';
import { UpdateSettings } from './update-settings.command.js';
import { decideUpdateSettings } from './update-settings.decide.js';

@CommandHandler(UpdateSettings)
export class UpdateSettingsHandler implements ICommandHandler<UpdateSettings> {
  constructor(private readonly commands: DirectoryCommands) {}

  execute(command: UpdateSettings): Promise<Outcome<LedgerSettings>> {
    return this.commands.run(command.context, async (attempt) => {
      const settings = await loadSettings(attempt);
      const facts = decideUpdateSettings(settings, command);
      attempt.append(streamOf.system, facts);
      return facts.reduce((state, { data }) => evolveSettings(state, data), settings);
    });
  }
}
