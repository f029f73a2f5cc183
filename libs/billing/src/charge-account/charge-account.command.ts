import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { ChargeDto } from '../charge.dto.js';
import type { Outcome } from '../outcome.js';

/** The charge that is asked for. */
export interface ChargeWish {
  /** Credits, an integer string. */
  readonly amount: string;
  /** What is charged for. */
  readonly operation: string;
  /** How much of it, an integer string. */
  readonly quantity?: string;
  readonly reason?: string;
  /** Uid of the token that it concerns: one that the account pays for. */
  readonly tokenUid?: string;
}

/** Charges an account directly, without a use of a token. */
export class ChargeAccount extends Command<Outcome<ChargeDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly accountUid: string,
    readonly wish: ChargeWish,
  ) {
    super();
  }
}
