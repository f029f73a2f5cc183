import { Command } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import type { ChargeDto } from '../charge.dto.js';
import type { Outcome } from '../outcome.js';

/** The reversal that is asked for. */
export interface ReversalWish {
  /** Credits, an integer string; absent: all that is left of the charge. */
  readonly amount?: string;
  readonly reason: string;
}

/** Takes a charge back, whole or in part. */
export class ReverseCharge extends Command<Outcome<ChargeDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly chargeUid: string,
    readonly wish: ReversalWish,
  ) {
    super();
  }
}
