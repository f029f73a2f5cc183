import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { assert } from '#libs/kernel';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import { type ChargeDto, chargeDto } from '../charge.dto.js';
import { requireControl } from '../domain/account-access.js';
import { type Charge, chargeOf, decideCharge } from '../domain/index.js';
import type { Outcome } from '../outcome.js';
import { ChargeAccount, type ChargeWish } from './charge-account.command.js';

@CommandHandler(ChargeAccount)
export class ChargeAccountHandler implements ICommandHandler<ChargeAccount> {
  constructor(private readonly ledger: AccountLedger) {}

  async execute({ principal, context, accountUid, wish }: ChargeAccount): Promise<Outcome<ChargeDto>> {
    requireControl(principal, accountUid);
    const charge = directCharge(context.ids.uid('chg'), wish);
    const { fact, position, replayed } = await this.ledger.execute({
      accountUid,
      context,
      decide: ({ state }) => ({ facts: decideCharge(state, charge, context) }),
    });
    assert(fact !== null && position !== null, 'a charge is always recorded');
    return { body: chargeDto(chargeOf([fact])), position, replayed };
  }
}

function directCharge(chargeUid: string, wish: ChargeWish): Charge {
  return {
    chargeUid,
    kind: 'direct',
    amount: BigInt(wish.amount),
    useId: null,
    tokenUid: wish.tokenUid ?? null,
    tokenPrefix: null,
    principal: null,
    operation: wish.operation,
    quantity: wish.quantity ?? null,
    reason: wish.reason ?? null,
  };
}
