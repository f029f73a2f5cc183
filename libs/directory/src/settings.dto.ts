import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, IsOptional, Max, Min, ValidateNested } from 'class-validator';
import type { LedgerSettings, TokenType } from '#libs/contracts';
import { IfPresent } from '#libs/http';
import { SETTING_RANGES } from './domain/settings.js';

const { maxActiveTokens: LIMIT, maxLifetimeDays: LIFETIME, unusedAfterDays: UNUSED } = SETTING_RANGES;
const { neverUsedAfterDays: NEVER_USED } = SETTING_RANGES;
const NEVER_EXPIRES = ['with_reason', 'forbidden'] as const;

/** Active tokens allowed for each owner, by type. */
@ApiSchema({ name: 'TokenLimits' })
export class TokenLimitsDto implements Record<TokenType, number> {
  @ApiProperty({ type: 'integer' })
  readonly personal!: number;

  @ApiProperty({ type: 'integer' })
  readonly organization!: number;

  @ApiProperty({ type: 'integer' })
  readonly client!: number;

  @ApiProperty({ type: 'integer' })
  readonly frontend!: number;

  @ApiProperty({ type: 'integer' })
  readonly admin!: number;

  @ApiProperty({ type: 'integer' })
  readonly monitoring!: number;
}

/** Settings in force: of the installation, or of one user or organization. */
@ApiSchema({ name: 'Settings' })
export class SettingsDto implements LedgerSettings {
  @ApiProperty({ type: TokenLimitsDto })
  readonly maxActiveTokens!: TokenLimitsDto;

  /** Longest lifetime that a new token may have, in days. */
  @ApiProperty({ type: 'integer' })
  readonly maxLifetimeDays!: number;

  /** Whether a token may be made that never expires. */
  @ApiProperty({ enum: NEVER_EXPIRES })
  readonly neverExpires!: LedgerSettings['neverExpires'];

  /** Days without use after which a used token is flagged. */
  @ApiProperty({ type: 'integer' })
  readonly unusedAfterDays!: number;

  /** Days after creation after which a token that was never used is flagged. */
  @ApiProperty({ type: 'integer' })
  readonly neverUsedAfterDays!: number;
}

const limit = { type: 'integer', nullable: true, minimum: LIMIT.min, maximum: LIMIT.max } as const;

/** Limits to change; null: as the installation has it. */
@ApiSchema({ name: 'TokenLimitsPatch' })
export class TokenLimitsPatchDto implements Partial<Record<TokenType, number | null>> {
  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  @Min(LIMIT.min)
  @Max(LIMIT.max)
  readonly personal?: number | null;

  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  @Min(LIMIT.min)
  @Max(LIMIT.max)
  readonly organization?: number | null;

  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  @Min(LIMIT.min)
  @Max(LIMIT.max)
  readonly client?: number | null;

  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  @Min(LIMIT.min)
  @Max(LIMIT.max)
  readonly frontend?: number | null;

  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  @Min(LIMIT.min)
  @Max(LIMIT.max)
  readonly admin?: number | null;

  @ApiPropertyOptional(limit)
  @IsOptional()
  @IsInt()
  @Min(LIMIT.min)
  @Max(LIMIT.max)
  readonly monitoring?: number | null;
}

/** Settings to change; absent: as it is; null, of a user's or an organization's setting: as the installation has it. */
@ApiSchema({ name: 'SettingsPatch' })
export class SettingsPatchDto {
  @ApiPropertyOptional({ type: TokenLimitsPatchDto })
  @IfPresent()
  @IsObject()
  @ValidateNested()
  @Type(() => TokenLimitsPatchDto)
  readonly maxActiveTokens?: TokenLimitsPatchDto;

  /** Days. */
  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: LIFETIME.min, maximum: LIFETIME.max })
  @IsOptional()
  @IsInt()
  @Min(LIFETIME.min)
  @Max(LIFETIME.max)
  readonly maxLifetimeDays?: number | null;

  @ApiPropertyOptional({ enum: NEVER_EXPIRES, nullable: true })
  @IsOptional()
  @IsIn(NEVER_EXPIRES)
  readonly neverExpires?: LedgerSettings['neverExpires'] | null;

  /** Days. */
  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: UNUSED.min, maximum: UNUSED.max })
  @IsOptional()
  @IsInt()
  @Min(UNUSED.min)
  @Max(UNUSED.max)
  readonly unusedAfterDays?: number | null;

  /** Days. */
  @ApiPropertyOptional({ type: 'integer', nullable: true, minimum: NEVER_USED.min, maximum: NEVER_USED.max })
  @IsOptional()
  @IsInt()
  @Min(NEVER_USED.min)
  @Max(NEVER_USED.max)
  readonly neverUsedAfterDays?: number | null;
}
