import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IfPresent } from '#libs/http';
import { AMOUNT, IsAmount, IsText } from '../field-checks.js';
import type { ReversalWish } from './reverse-charge.command.js';

@ApiSchema({ name: 'NewReversal' })
export class ReverseChargeDto implements ReversalWish {
  /** Credits to give back, at least "1"; all that is left of the charge when absent. */
  @ApiPropertyOptional({ type: 'string', pattern: AMOUNT.source })
  @IfPresent()
  @IsAmount()
  readonly amount?: string;

  /** Why; shown to reviewers and in the feed. */
  @ApiProperty({ type: 'string', minLength: 1, maxLength: 500 })
  @IsText(500)
  readonly reason!: string;
}
