import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { isRefusal, streamOf, type TokenOwner } from '#libs/contracts';
import { type CommandTry, type Position, StreamRepository } from '#libs/event-log';
import { assert } from '#libs/kernel';
import { afterFacts } from '../after-facts.js';
import { initialToken, tokenDecider } from '../domain/evolve-token.js';
import type { NewTokenFacts } from '../domain/new-token.js';
import { slotsDecider } from '../domain/owner-slots.js';
import { KIND_OF_TYPE } from '../domain/token-string.js';
import type { Outcome } from '../outcome.js';
import { OwnerReader, type OwnerStanding } from '../owner-reader.js';
import { SettingsReader } from '../settings-reader.js';
import { TokenAnswers } from '../token-answers.js';
import { type MintedToken, TokenMint } from '../token-mint.js';
import { chooseOwner } from './choose-owner.decide.js';
import { type CreatedToken, CreateToken } from './create-token.command.js';
import { type CreateTokenState, decideCreateToken } from './create-token.decide.js';
import { LimitCandidates } from './limit-candidates.js';

const INSTALLATION: OwnerStanding = { active: true, memberships: new Map() };
const SUFFIX_LENGTH = 6;

type OwnerState = Omit<CreateTokenState, 'slots'>;

@CommandHandler(CreateToken)
export class CreateTokenHandler implements ICommandHandler<CreateToken> {
  constructor(
    private readonly repository: StreamRepository,
    private readonly mint: TokenMint,
    private readonly settings: SettingsReader,
    private readonly owners: OwnerReader,
    private readonly candidates: LimitCandidates,
    private readonly answers: TokenAnswers,
  ) {}

  async execute(command: CreateToken): Promise<Outcome<CreatedToken>> {
    const { context, data, principal } = command;
    const state = await this.stateOf(chooseOwner(principal, data));
    const minted = this.mint.mint(KIND_OF_TYPE[data.type]);
    const { result, appended } = await this.repository.executeAcross(context, async (attempt) => {
      const facts = await this.decide(attempt, { command, state, minted });
      // The slot first: where a store takes the streams one after the other, a token must never stand without it.
      attempt.append(streamOf.owner(state.owner.uid), [facts.slot]);
      attempt.append(streamOf.token(facts.created.data.tokenUid), [facts.created]);
      return facts.created;
    });
    assert(appended !== null, 'a new token is appended');
    if (appended.duplicate) return this.again(result.data.tokenUid, appended.position);
    const token = afterFacts(initialToken, [result], context);
    return { body: { token: this.answers.fresh(token), secret: minted.secret }, position: appended.position };
  }

  private async decide(
    attempt: CommandTry,
    { command, state, minted }: { command: CreateToken; state: OwnerState; minted: MintedToken },
  ): Promise<NewTokenFacts> {
    const { at } = command.context;
    const tokenUid = attempt.ids.uid('tok');
    const handleSuffix = attempt.ids.uuid().slice(0, SUFFIX_LENGTH);
    const slots = await attempt.load(streamOf.owner(state.owner.uid), slotsDecider);
    try {
      return decideCreateToken({ ...state, slots }, command, { at, tokenUid, handleSuffix, secret: minted });
    } catch (error) {
      if (!isRefusal(error, 'token_limit_reached')) throw error;
      throw await this.candidates.addTo(error, slots, { type: command.data.type, at });
    }
  }

  private async stateOf(owner: TokenOwner): Promise<OwnerState> {
    const [settings, standing] = await Promise.all([
      this.settings.settingsFor(owner.uid),
      owner.type === 'installation' ? INSTALLATION : this.owners.standingOf(owner),
    ]);
    return { owner, settings, standing };
  }

  /** The command had been carried out before, with another secret, which was shown then or is lost. */
  private async again(tokenUid: string, position: Position): Promise<Outcome<CreatedToken>> {
    const { state } = await this.repository.load(streamOf.token(tokenUid), tokenDecider);
    assert(state.phase !== 'unborn', 'a duplicate append found the token that it had made');
    return { body: { token: await this.answers.of(state), secret: null }, position };
  }
}
