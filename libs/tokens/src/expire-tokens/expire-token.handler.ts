import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { TokenChanges } from '../token-changes.js';
import { ExpireToken } from './expire-token.command.js';
import { decideExpireToken } from './expire-token.decide.js';

@CommandHandler(ExpireToken)
export class ExpireTokenHandler implements ICommandHandler<ExpireToken> {
  constructor(private readonly changes: TokenChanges) {}

  async execute({ context, tokenUid }: ExpireToken): Promise<boolean> {
    const { recorded } = await this.changes.apply({
      tokenUid,
      context,
      decide: (token) => decideExpireToken(token, context),
    });
    return recorded;
  }
}
