import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { TokenDto } from '../token.dto.js';

/** One token. */
export class GetToken extends Query<TokenDto> {
  constructor(
    readonly principal: Principal,
    readonly tokenUid: string,
  ) {
    super();
  }
}
