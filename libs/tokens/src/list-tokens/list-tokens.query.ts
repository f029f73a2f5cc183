import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { TokenDto } from '../token.dto.js';
import type { ListTokensQuery } from './list-tokens.dto.js';

export interface TokenPage {
  readonly data: readonly TokenDto[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** The tokens that the caller may know of and the filters select. */
export class ListTokens extends Query<TokenPage> {
  constructor(
    readonly principal: Principal,
    readonly filter: ListTokensQuery,
  ) {
    super();
  }
}
