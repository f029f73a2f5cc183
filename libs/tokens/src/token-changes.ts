import { Injectable } from '@nestjs/common';
import { type CommandContext, type Fact, refuse, streamOf } from '#libs/contracts';
import { type CommandTry, type Position, StreamRepository } from '#libs/event-log';
import { isUid } from '#libs/kernel';
import { afterFacts } from './after-facts.js';
import { tokenDecider } from './domain/evolve-token.js';
import { slotsDecider } from './domain/owner-slots.js';
import { endsToken, slotFactsOf, touchesSlot } from './domain/slot-facts.js';
import type { BornToken } from './domain/token.js';

export interface TokenChange {
  readonly tokenUid: string;
  readonly context: CommandContext;
  /** What happens to the token; nothing when the command changes nothing. Runs again when another writer was faster. */
  readonly decide: (token: BornToken) => readonly Fact[] | Promise<readonly Fact[]>;
}

export interface ChangedToken {
  /** The token after the change. */
  readonly token: BornToken;
  /** Null: nothing had to change. */
  readonly position: Position | null;
  /** True when this call made the change; false when nothing had to change, or the same command had made it before. */
  readonly recorded: boolean;
}

/** Carries out commands on one token that exists, together with what follows for the slots of its owner. */
@Injectable()
export class TokenChanges {
  constructor(private readonly repository: StreamRepository) {}

  /** Loads the token, decides, appends. Refuses `not_found` where there is no such token. */
  async apply(change: TokenChange): Promise<ChangedToken> {
    if (!isUid(change.tokenUid, 'tok')) throw refuse('not_found');
    const { result, appended } = await this.repository.executeAcross(change.context, (attempt) =>
      this.attempt(attempt, change),
    );
    return { token: result, position: appended?.position ?? null, recorded: appended?.duplicate === false };
  }

  private async attempt(attempt: CommandTry, { tokenUid, context, decide }: TokenChange): Promise<BornToken> {
    const stream = streamOf.token(tokenUid);
    const state = await attempt.load(stream, tokenDecider);
    if (state.phase === 'unborn') throw refuse('not_found');
    const facts = await decide(state);
    const token = afterFacts(state, facts, context);
    // A store that takes the streams one after the other must end a token before its place is free, and must hold its
    // place before the token may live longer.
    if (endsToken(facts)) attempt.append(stream, facts);
    if (touchesSlot(facts)) await this.moveSlot(attempt, token);
    if (!endsToken(facts)) attempt.append(stream, facts);
    return token;
  }

  private async moveSlot(attempt: CommandTry, token: BornToken): Promise<void> {
    const stream = streamOf.owner(token.owner.uid);
    attempt.append(stream, slotFactsOf(token, await attempt.load(stream, slotsDecider)));
  }
}
