import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { EventLog } from '#libs/event-log';
import { Clock } from '#libs/kernel';
import type { BornToken } from './domain/token.js';
import type { Outcome } from './outcome.js';
import { NO_USE, readLastUse } from './read-model/last-use.js';
import type { ChangedToken } from './token-changes.js';
import { type TokenDto, tokenDto } from './token.dto.js';

/** Shows tokens as commands leave them, with their last use, which only the read model knows. */
@Injectable()
export class TokenAnswers {
  constructor(
    private readonly dataSource: DataSource,
    private readonly log: EventLog,
    private readonly clock: Clock,
  ) {}

  /** A token that cannot have been used yet. */
  fresh(token: BornToken): TokenDto {
    return tokenDto(token, NO_USE, this.clock.now());
  }

  async of(token: BornToken): Promise<TokenDto> {
    return tokenDto(token, await readLastUse(this.dataSource, token.uid), this.clock.now());
  }

  /** What a command answers; who is told that nothing had to change must be able to read that, too. */
  async outcome({ token, position }: ChangedToken): Promise<Outcome<TokenDto>> {
    return { body: await this.of(token), position: position ?? (await this.log.heads()).all };
  }
}
