import { ApiSchema } from '@nestjs/swagger';
import type { EventData } from '#libs/contracts';

/** A charge or a reversal, as its command is answered. */
@ApiSchema({ name: 'Charge' })
export class ChargeDto {
  /** `chg_…`; the `id` of its event in the feed. */
  readonly uid!: string;

  /** Contiguous from 1 in the account. */
  readonly chargeNumber!: string;

  /** Uid of the organization or user that was charged. */
  readonly account!: string;

  /** Credits; of a reversal less than zero. */
  readonly amount!: string;

  /** Balance of the account with it. */
  readonly balanceAfter!: string;
}

export function chargeDto(data: EventData<'OrgCharged'> | EventData<'ChargeReversed'>): ChargeDto {
  const { chargeUid: uid, chargeNumber, accountUid: account, amount, balanceAfter } = data;
  return { uid, chargeNumber, account, amount, balanceAfter };
}
