import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { Clock, toInstant } from '#libs/kernel';
import { type UsageRange, usageRange } from '../domain/usage-range.js';
import { findToken } from '../read-model/find-token.js';
import { lastUseOf } from '../read-model/last-use.js';
import { UsageDayEntity, UsageHourEntity } from '../read-model/usage.entity.js';
import type { UsageColumns } from '../read-model/usage.projections.js';
import type { TokenUsageCountsDto, TokenUsageDto } from './get-token-usage.dto.js';
import { GetTokenUsage } from './get-token-usage.query.js';

@QueryHandler(GetTokenUsage)
export class GetTokenUsageHandler implements IQueryHandler<GetTokenUsage> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async execute({ principal, tokenUid, filter }: GetTokenUsage): Promise<TokenUsageDto> {
    const { by = 'day' } = filter;
    const range = usageRange({ from: filter.from, to: filter.to, by }, this.clock.now());
    const token = await findToken(this.dataSource, principal, tokenUid);
    const rows = await this.counts(by, token.uid, range);
    return { data: rows.map(countsDto), ...lastUseOf(token) };
  }

  private counts(by: 'hour' | 'day', tokenUid: string, { from, to }: UsageRange): Promise<UsageColumns[]> {
    return this.dataSource
      .getRepository(by === 'hour' ? UsageHourEntity : UsageDayEntity)
      .createQueryBuilder('usage')
      .where('usage.token_uid = :tokenUid', { tokenUid })
      .andWhere('usage.bucket >= :from AND usage.bucket < :to', { from: toInstant(from), to: toInstant(to) })
      .orderBy('usage.bucket')
      .getMany();
  }
}

function countsDto({ bucket, outcomes, charged }: UsageColumns): TokenUsageCountsDto {
  const total = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return { from: bucket, total, byOutcome: outcomes, charged };
}
