import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IfPresent } from '#libs/http';
import { AMOUNT, IsAmount, IsText } from '../field-checks.js';
import type { ChargeWish } from './charge-account.command.js';

@ApiSchema({ name: 'NewCharge' })
export class ChargeAccountDto implements ChargeWish {
  /** Credits, at least "1". */
  @ApiProperty({ type: 'string', pattern: AMOUNT.source })
  @IsAmount()
  readonly amount!: string;

  /** What is charged for, as `storage`. */
  @ApiProperty({ type: 'string', minLength: 1, maxLength: 200 })
  @IsText(200)
  readonly operation!: string;

  /** How much of it. */
  @ApiPropertyOptional({ type: 'string', pattern: AMOUNT.source })
  @IfPresent()
  @IsAmount()
  readonly quantity?: string;

  /** Why; shown to reviewers and in the feed. */
  @ApiPropertyOptional({ type: 'string', minLength: 1, maxLength: 500 })
  @IfPresent()
  @IsText(500)
  readonly reason?: string;

  /** Uid of the token that it concerns: one that the account pays for. */
  @ApiPropertyOptional({ type: 'string' })
  @IfPresent()
  @Matches(/^tok_[0-9A-HJKMNP-TV-Z]{26}$/, { message: 'tokenUid must be the uid of a token (tok_…)' })
  readonly tokenUid?: string;
}
