import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { AccountMode } from '#libs/contracts';
import { IfPresent } from '#libs/http';
import { ACCOUNT_MODES } from '../account.dto.js';
import { AMOUNT, IfNotNull, IsAmount } from '../field-checks.js';
import type { AccountPatch } from './update-account.command.js';

export class UpdateAccountDto implements AccountPatch {
  /** Turning to `postpaid` takes the limit away, turning to `prepaid` sets it to "0", unless `limit` says otherwise. */
  @ApiPropertyOptional({ enum: ACCOUNT_MODES })
  @IfPresent()
  @IsIn(ACCOUNT_MODES)
  readonly mode?: AccountMode;

  /** How far the balance may fall below zero; null: without limit. */
  @ApiPropertyOptional({ type: 'string', pattern: AMOUNT.source, nullable: true })
  @IfNotNull()
  @IsAmount()
  readonly limit?: string | null;
}
