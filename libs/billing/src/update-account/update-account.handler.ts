import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import { type AccountDto, accountDto } from '../account.dto.js';
import { requireControl } from '../domain/account-access.js';
import { type AccountTerms, decideTerms } from '../domain/index.js';
import type { Outcome } from '../outcome.js';
import { type AccountPatch, UpdateAccount } from './update-account.command.js';

@CommandHandler(UpdateAccount)
export class UpdateAccountHandler implements ICommandHandler<UpdateAccount> {
  constructor(private readonly ledger: AccountLedger) {}

  async execute({ principal, context, accountUid, patch }: UpdateAccount): Promise<Outcome<AccountDto>> {
    requireControl(principal, accountUid);
    const terms = termsOf(patch);
    await this.ledger.execute({
      accountUid,
      context,
      decide: ({ state }) => ({ facts: decideTerms(state, terms, context) }),
    });
    const account = await this.ledger.read(accountUid);
    return { body: accountDto(account, context.at), position: account.position, replayed: false };
  }
}

function termsOf({ mode, limit }: AccountPatch): AccountTerms {
  return { mode, limit: typeof limit === 'string' ? BigInt(limit) : limit };
}
