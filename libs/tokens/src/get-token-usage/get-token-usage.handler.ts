import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { Clock, toInstant } from '#libs/kernel';
import { type UsageRange, usageRange } from '../domain/usage-range.js';
import { findToken } from '../read-model/find-token.js';
import { readLastUse } from '../read-model/last-use.js';
import { SEEN } from '../read-model/usage.projections.js';
import type { TokenUsageCountsDto, TokenUsageDto } from './get-token-usage.dto.js';
import { GetTokenUsage } from './get-token-usage.query.js';

/** Days are sums of hours: of 800 days at most, found by the primary key. A day that begins before the end counts whole. */
const COUNTS = `
  SELECT to_char(date_trunc($1, bucket, 'UTC') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS start,
    outcome, sum(calls)::text AS calls, sum(charged)::text AS charged
  FROM read_model.usage_hours
  WHERE token_uid = $2 AND bucket >= $3 AND date_trunc($1, bucket, 'UTC') < $4
    AND bucket < $4::timestamptz + interval '1 day' AND outcome <> $5
  GROUP BY start, outcome ORDER BY start`;

interface Count {
  readonly start: string;
  readonly outcome: string;
  readonly calls: string;
  readonly charged: string;
}

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
    const counts = await this.counts(by, token.uid, range);
    return { data: countsOf(counts), ...(await readLastUse(this.dataSource, token.uid)) };
  }

  private counts(by: 'hour' | 'day', tokenUid: string, { from, to }: UsageRange): Promise<Count[]> {
    return this.dataSource.query<Count[]>(COUNTS, [by, tokenUid, toInstant(from), toInstant(to), SEEN]);
  }
}

/** Counts of one stretch stand together, one for each outcome. */
function countsOf(counts: readonly Count[]): TokenUsageCountsDto[] {
  const stretches = new Map<string, { total: number; byOutcome: Record<string, number>; charged: bigint }>();
  for (const { start, outcome, calls, charged } of counts) {
    const stretch = stretches.get(start) ?? { total: 0, byOutcome: {}, charged: 0n };
    stretch.total += Number(calls);
    stretch.byOutcome[outcome] = Number(calls);
    stretch.charged += BigInt(charged);
    stretches.set(start, stretch);
  }
  return [...stretches].map(([from, { charged, ...stretch }]) => ({ from, ...stretch, charged: charged.toString() }));
}
