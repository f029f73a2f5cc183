import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Outcome } from '../outcome.js';
import { TokenAnswers } from '../token-answers.js';
import { TokenChanges } from '../token-changes.js';
import type { TokenDto } from '../token.dto.js';
import { DisableToken } from './disable-token.command.js';
import { decideDisableToken } from './disable-token.decide.js';

@CommandHandler(DisableToken)
export class DisableTokenHandler implements ICommandHandler<DisableToken> {
  constructor(
    private readonly changes: TokenChanges,
    private readonly answers: TokenAnswers,
  ) {}

  async execute(command: DisableToken): Promise<Outcome<TokenDto>> {
    const { tokenUid, context } = command;
    const changed = await this.changes.apply({
      tokenUid,
      context,
      decide: (state) => decideDisableToken(state, command, context),
    });
    return this.answers.outcome(changed);
  }
}
