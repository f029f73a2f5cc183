import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { TokenChanges } from '../token-changes.js';
import { ClearUnusedToken } from './clear-unused-token.command.js';
import { decideClearUnusedToken } from './clear-unused-token.decide.js';

@CommandHandler(ClearUnusedToken)
export class ClearUnusedTokenHandler implements ICommandHandler<ClearUnusedToken> {
  constructor(private readonly changes: TokenChanges) {}

  async execute(command: ClearUnusedToken): Promise<boolean> {
    const { context, tokenUid } = command;
    const { recorded } = await this.changes.apply({
      tokenUid,
      context,
      decide: (token) => decideClearUnusedToken(token, command, context),
    });
    return recorded;
  }
}
