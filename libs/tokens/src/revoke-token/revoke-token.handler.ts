import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Outcome } from '../outcome.js';
import { TokenAnswers } from '../token-answers.js';
import { TokenChanges } from '../token-changes.js';
import type { TokenDto } from '../token.dto.js';
import { RevokeToken } from './revoke-token.command.js';
import { decideRevokeToken } from './revoke-token.decide.js';

@CommandHandler(RevokeToken)
export class RevokeTokenHandler implements ICommandHandler<RevokeToken> {
  constructor(
    private readonly changes: TokenChanges,
    private readonly answers: TokenAnswers,
  ) {}

  async execute(command: RevokeToken): Promise<Outcome<TokenDto>> {
    const { tokenUid, context } = command;
    const changed = await this.changes.apply({
      tokenUid,
      context,
      decide: (state) => decideRevokeToken(state, command),
    });
    return this.answers.outcome(changed);
  }
}
