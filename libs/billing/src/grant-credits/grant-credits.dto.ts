import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { IfPresent } from '#libs/http';
import type { GrantKind } from '../domain/index.js';
import { AMOUNT, IfNotNull, IsAmount, IsInstant, IsText } from '../field-checks.js';
import { GRANT_KINDS } from './grant.dto.js';
import type { GrantWish } from './grant-credits.command.js';

export const PRIORITY_DEFAULT = 50;

@ApiSchema({ name: 'NewGrant' })
export class GrantCreditsDto implements GrantWish {
  /** Credits, at least "1". */
  @ApiProperty({ type: 'string', pattern: AMOUNT.source })
  @IsAmount()
  readonly amount!: string;

  /** Of two grants that are alike otherwise, the promotional one is consumed first. */
  @ApiProperty({ enum: GRANT_KINDS })
  @IsIn(GRANT_KINDS)
  readonly kind!: GrantKind;

  /** Instant or date from which the credits count; now when absent. */
  @ApiPropertyOptional({ type: 'string', nullable: true })
  @IfNotNull()
  @IsInstant()
  readonly effectiveAt?: string | null;

  /** Instant or date from which they count no more; never when absent. */
  @ApiPropertyOptional({ type: 'string', nullable: true })
  @IfNotNull()
  @IsInstant()
  readonly expiresAt?: string | null;

  /** Lower is consumed first. */
  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 100, default: PRIORITY_DEFAULT })
  @IfPresent()
  @IsInt()
  @Min(0)
  @Max(100)
  readonly priority?: number;

  /** Why; shown to reviewers. */
  @ApiProperty({ type: 'string', minLength: 1, maxLength: 500 })
  @IsText(500)
  readonly reason!: string;
}
