import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Fact, MemberRole } from '#libs/contracts';
import type { BornToken } from '../domain/token.js';
import type { Outcome } from '../outcome.js';
import { OwnerReader } from '../owner-reader.js';
import { SettingsReader } from '../settings-reader.js';
import { TokenAnswers } from '../token-answers.js';
import { TokenChanges } from '../token-changes.js';
import type { TokenDto } from '../token.dto.js';
import { UpdateToken } from './update-token.command.js';
import { decideUpdateToken } from './update-token.decide.js';

const NO_MEMBERSHIPS: ReadonlyMap<string, MemberRole> = new Map();

@CommandHandler(UpdateToken)
export class UpdateTokenHandler implements ICommandHandler<UpdateToken> {
  constructor(
    private readonly changes: TokenChanges,
    private readonly settings: SettingsReader,
    private readonly owners: OwnerReader,
    private readonly answers: TokenAnswers,
  ) {}

  async execute(command: UpdateToken): Promise<Outcome<TokenDto>> {
    const { tokenUid, context } = command;
    const changed = await this.changes.apply({
      tokenUid,
      context,
      decide: (state) => this.decide(state, command),
    });
    return this.answers.outcome(changed);
  }

  private async decide(token: BornToken, command: UpdateToken): Promise<readonly Fact[]> {
    const settings = await this.settings.settingsFor(token.owner.uid);
    const memberships = await this.membershipsOf(token);
    return decideUpdateToken({ token, settings, memberships }, command, command.context);
  }

  private async membershipsOf({ owner }: BornToken): Promise<ReadonlyMap<string, MemberRole>> {
    if (owner.type !== 'user') return NO_MEMBERSHIPS;
    return (await this.owners.standingOf(owner))?.memberships ?? NO_MEMBERSHIPS;
  }
}
