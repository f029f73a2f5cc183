import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Outcome } from '../outcome.js';
import { TokenAnswers } from '../token-answers.js';
import { TokenChanges } from '../token-changes.js';
import type { TokenDto } from '../token.dto.js';
import { EnableToken } from './enable-token.command.js';
import { decideEnableToken } from './enable-token.decide.js';

@CommandHandler(EnableToken)
export class EnableTokenHandler implements ICommandHandler<EnableToken> {
  constructor(
    private readonly changes: TokenChanges,
    private readonly answers: TokenAnswers,
  ) {}

  async execute(command: EnableToken): Promise<Outcome<TokenDto>> {
    const { tokenUid, context } = command;
    const changed = await this.changes.apply({
      tokenUid,
      context,
      decide: (state) => decideEnableToken(state, command, context),
    });
    return this.answers.outcome(changed);
  }
}
