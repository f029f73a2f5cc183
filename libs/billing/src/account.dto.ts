import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { AccountMode } from '#libs/contracts';
import { formatPosition } from '#libs/event-log';
import type { DurableAccount } from './account-ledger/live-account.js';
import { balanceAt } from './domain/index.js';

export const ACCOUNT_MODES = ['prepaid', 'postpaid'] as const satisfies readonly AccountMode[];

/** Credits of an organization, or the personal credits of a user. */
@ApiSchema({ name: 'Account' })
export class AccountDto {
  /** Uid of the organization or user. */
  readonly account!: string;

  /** `CREDIT`. */
  readonly unit!: string;

  /** Credits, an integer; below zero where the account is overdrawn. Exact at `position`, by the clock of now. */
  readonly balance!: string;

  /** Credits that are reserved. */
  readonly held!: string;

  @ApiProperty({ enum: ACCOUNT_MODES })
  readonly mode!: AccountMode;

  /** How far the balance may fall below zero; null: without limit. */
  @ApiProperty({ type: 'string', nullable: true })
  readonly limit!: string | null;

  /** Where the log stood with the last event of the account. */
  readonly position!: string;
}

/** The account as the API shows it at an instant (epoch ms). */
export function accountDto({ state, position }: DurableAccount, at: number): AccountDto {
  return {
    account: state.uid,
    unit: state.unit,
    balance: balanceAt(state, at).toString(),
    held: '0',
    mode: state.mode,
    limit: state.limit === null ? null : state.limit.toString(),
    position: formatPosition(position),
  };
}
