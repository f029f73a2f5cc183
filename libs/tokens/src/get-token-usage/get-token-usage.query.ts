import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { TokenUsageDto, TokenUsageQuery } from './get-token-usage.dto.js';

/** How often a token was used and refused. */
export class GetTokenUsage extends Query<TokenUsageDto> {
  constructor(
    readonly principal: Principal,
    readonly tokenUid: string,
    readonly filter: TokenUsageQuery,
  ) {
    super();
  }
}
