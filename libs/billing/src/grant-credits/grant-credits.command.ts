import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { GrantKind } from '../domain/index.js';
import type { Outcome } from '../outcome.js';
import type { GrantDto } from './grant.dto.js';

/** The grant that is asked for. */
export interface GrantWish {
  /** Credits, an integer string. */
  readonly amount: string;
  readonly kind: GrantKind;
  /** RFC 3339 instant or date; absent: now. */
  readonly effectiveAt?: string | null;
  /** RFC 3339 instant or date; absent: never. */
  readonly expiresAt?: string | null;
  readonly priority?: number;
  readonly reason: string;
}

/** Grants credits to an account. */
export class GrantCredits extends Command<Outcome<GrantDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly accountUid: string,
    readonly wish: GrantWish,
  ) {
    super();
  }
}
