import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { Secret } from '#libs/kernel';
import type { AccessWish } from '../domain/access-rule.js';
import type { Outcome } from '../outcome.js';
import type { TokenDto } from '../token.dto.js';

export interface NewTokenWish {
  readonly type: 'personal' | 'organization' | 'admin';
  /** Made from the name when absent. */
  readonly handle?: string;
  readonly name: string;
  readonly description?: string;
  /** The caller when absent. */
  readonly owner?: { readonly user?: string; readonly organization?: string };
  readonly access?: AccessWish;
  /** Everything that owner and access allow when absent. */
  readonly scopes?: readonly string[];
  readonly expiresIn?: string;
  readonly expiresAt?: string;
  readonly neverReason?: string;
  readonly organizations?: readonly string[] | null;
  readonly allowedIps?: readonly string[] | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface CreatedToken {
  readonly token: TokenDto;
  /** The token string; null when this command was carried out before, because it was shown then. */
  readonly secret: Secret | null;
}

/** Makes a token. */
export class CreateToken extends Command<Outcome<CreatedToken>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly data: NewTokenWish,
  ) {
    super();
  }
}
