import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { assert } from '#libs/kernel';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import { type ChargeDto, chargeDto } from '../charge.dto.js';
import { requireControl } from '../domain/account-access.js';
import { chargeOf } from '../domain/index.js';
import type { Outcome } from '../outcome.js';
import { ChargeAccount } from './charge-account.command.js';
import { decideChargeAccount } from './charge-account.decide.js';
import { NamedTokenReader } from './named-token-reader.js';

@CommandHandler(ChargeAccount)
export class ChargeAccountHandler implements ICommandHandler<ChargeAccount> {
  constructor(
    private readonly ledger: AccountLedger,
    private readonly tokens: NamedTokenReader,
  ) {}

  async execute({ principal, context, accountUid, wish }: ChargeAccount): Promise<Outcome<ChargeDto>> {
    requireControl(principal, accountUid);
    const token = wish.tokenUid === undefined ? null : await this.tokens.find(wish.tokenUid);
    const charge = { chargeUid: context.ids.uid('chg'), wish, token };
    const { fact, position, replayed } = await this.ledger.execute({
      accountUid,
      context,
      decide: ({ state }) => ({ facts: decideChargeAccount(state, charge, context) }),
    });
    assert(fact !== null && position !== null, 'a charge is always recorded');
    return { body: chargeDto(chargeOf([fact])), position, replayed };
  }
}
