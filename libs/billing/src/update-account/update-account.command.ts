import { Command } from '@nestjs/cqrs';
import type { AccountMode, CommandContext, Principal } from '#libs/contracts';
import type { AccountDto } from '../account.dto.js';
import type { Outcome } from '../outcome.js';

/** What is to change; absent: as it is. */
export interface AccountPatch {
  readonly mode?: AccountMode;
  /** Credits as an integer string; null: without limit. */
  readonly limit?: string | null;
}

/** Changes the terms of an account. */
export class UpdateAccount extends Command<Outcome<AccountDto>> {
  constructor(
    readonly principal: Principal,
    readonly context: CommandContext,
    readonly accountUid: string,
    readonly patch: AccountPatch,
  ) {
    super();
  }
}
