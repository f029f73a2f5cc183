import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { AccessWish } from '../domain/access-rule.js';
import type { Outcome } from '../outcome.js';
import type { TokenDto } from '../token.dto.js';

/** What is to change; absent: as it is. */
export interface TokenPatch {
  readonly name?: string;
  readonly description?: string;
  readonly access?: AccessWish;
  readonly scopes?: readonly string[];
  /** Null: all of the owner. */
  readonly organizations?: readonly string[] | null;
  /** Null: anywhere. */
  readonly allowedIps?: readonly string[] | null;
  readonly expiresIn?: string;
  readonly expiresAt?: string;
  readonly neverReason?: string;
}

/** Changes a live token. */
export class UpdateToken extends Command<Outcome<TokenDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly tokenUid: string,
    readonly data: TokenPatch,
  ) {
    super();
  }
}
