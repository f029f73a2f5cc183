import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/kernel';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import { type AccountDto, accountDto } from '../account.dto.js';
import { requireSight } from '../domain/account-access.js';
import { GetAccount } from './get-account.query.js';

@QueryHandler(GetAccount)
export class GetAccountHandler implements IQueryHandler<GetAccount> {
  constructor(
    private readonly ledger: AccountLedger,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, accountUid }: GetAccount): Promise<AccountDto> {
    requireSight(principal, accountUid);
    return accountDto(await this.ledger.read(accountUid), this.clock.now());
  }
}
