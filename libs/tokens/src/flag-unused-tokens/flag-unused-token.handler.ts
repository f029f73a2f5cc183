import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { SettingsReader } from '../settings-reader.js';
import { TokenChanges } from '../token-changes.js';
import { FlagUnusedToken } from './flag-unused-token.command.js';
import { decideFlagUnusedToken } from './flag-unused-token.decide.js';

@CommandHandler(FlagUnusedToken)
export class FlagUnusedTokenHandler implements ICommandHandler<FlagUnusedToken> {
  constructor(
    private readonly changes: TokenChanges,
    private readonly settings: SettingsReader,
  ) {}

  async execute(command: FlagUnusedToken): Promise<boolean> {
    const { context, tokenUid } = command;
    const { recorded } = await this.changes.apply({
      tokenUid,
      context,
      decide: async (token) => {
        const settings = await this.settings.settingsFor(token.owner.uid);
        return decideFlagUnusedToken({ token, settings }, command, context);
      },
    });
    return recorded;
  }
}
