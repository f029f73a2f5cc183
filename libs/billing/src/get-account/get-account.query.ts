import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { AccountDto } from '../account.dto.js';

/** One account, with its balance now. */
export class GetAccount extends Query<AccountDto> {
  constructor(
    readonly principal: Principal,
    readonly accountUid: string,
  ) {
    super();
  }
}
