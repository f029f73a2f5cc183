import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { Clock } from '#libs/kernel';
import { findToken } from '../read-model/find-token.js';
import { readLastUse } from '../read-model/last-use.js';
import { tokenOf } from '../read-model/token-columns.js';
import { type TokenDto, tokenDto } from '../token.dto.js';
import { GetToken } from './get-token.query.js';

@QueryHandler(GetToken)
export class GetTokenHandler implements IQueryHandler<GetToken> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, tokenUid }: GetToken): Promise<TokenDto> {
    const row = await findToken(this.dataSource, principal, tokenUid);
    return tokenDto(tokenOf(row), await readLastUse(this.dataSource, row.uid), this.clock.now());
  }
}
