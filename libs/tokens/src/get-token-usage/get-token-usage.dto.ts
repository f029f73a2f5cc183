import { IfPresent } from '#libs/http';
import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength } from 'class-validator';

const STRETCHES = ['hour', 'day'] as const;
const text = { type: 'string', nullable: true } as const;

export class TokenUsageQuery {
  /** From the hour or day of this instant (RFC 3339, or a date) on; a day or 30 days before `to` when absent. */
  @ApiPropertyOptional({ type: 'string' })
  @IfPresent()
  @IsString()
  @MaxLength(40)
  readonly from?: string;

  /** Before this instant; now when absent. */
  @ApiPropertyOptional({ type: 'string' })
  @IfPresent()
  @IsString()
  @MaxLength(40)
  readonly to?: string;

  /** Length of what is counted together; `day` when absent. */
  @ApiPropertyOptional({ enum: STRETCHES, default: 'day' })
  @IfPresent()
  @IsIn(STRETCHES)
  readonly by?: (typeof STRETCHES)[number];
}

@ApiSchema({ name: 'TokenUsageCounts' })
export class TokenUsageCountsDto {
  /** Beginning of the hour or day, UTC. */
  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly from!: string;

  /** Calls, accepted and refused. */
  @ApiProperty({ type: 'integer' })
  readonly total!: number;

  /** Calls by outcome: `valid`, or the code of the refusal. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' } })
  readonly byOutcome!: Readonly<Record<string, number>>;

  /** Credits that the accepted calls cost. */
  readonly charged!: string;
}

@ApiSchema({ name: 'TokenUsage' })
export class TokenUsageDto {
  /** Oldest first; hours or days without any call are left out. */
  @ApiProperty({ type: TokenUsageCountsDto, isArray: true })
  readonly data!: readonly TokenUsageCountsDto[];

  /** Null: never. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly lastUsedAt!: string | null;

  @ApiProperty(text)
  readonly lastUsedIp!: string | null;

  @ApiProperty(text)
  readonly lastUsedUserAgent!: string | null;

  /** Organization that the last use named to be charged. */
  @ApiProperty(text)
  readonly lastUsedRequester!: string | null;
}
