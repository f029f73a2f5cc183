import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsString, Length, MaxLength, ValidateNested } from 'class-validator';
import { IfPresent } from '#libs/http';
import { TokenAccessWishDto } from '../create-token/create-token.dto.js';
import { AreCidrs, AreOrganizations, AreScopes, IfNotNull, IsDisplayName } from '../field-checks.js';
import type { TokenPatch } from './update-token.command.js';

const list = { type: 'string', isArray: true } as const;

/** Fields to change; what is absent stays as it is. */
@ApiSchema({ name: 'TokenPatch' })
export class UpdateTokenDto implements TokenPatch {
  /** Display name. */
  @ApiPropertyOptional({ type: 'string', minLength: 1, maxLength: 100 })
  @IfPresent()
  @IsDisplayName()
  readonly name?: string;

  @ApiPropertyOptional({ type: 'string', maxLength: 1000 })
  @IfPresent()
  @IsString()
  @MaxLength(1000)
  readonly description?: string;

  /** Kinds of access to change; the one that is absent stays as it is. */
  @ApiPropertyOptional({ type: TokenAccessWishDto })
  @IfPresent()
  @IsObject()
  @ValidateNested()
  @Type(() => TokenAccessWishDto)
  readonly access?: TokenAccessWishDto;

  /** `["*"]`: everything that owner and access allow; `[]`: nothing. */
  @ApiPropertyOptional(list)
  @IfPresent()
  @AreScopes()
  readonly scopes?: string[];

  /** Organizations that a personal token is narrowed to; null: all of its owner. */
  @ApiPropertyOptional({ ...list, nullable: true })
  @IfNotNull()
  @AreOrganizations()
  readonly organizations?: string[] | null;

  /** CIDR blocks or addresses that it may be used from; null: anywhere. */
  @ApiPropertyOptional({ ...list, nullable: true })
  @IfNotNull()
  @AreCidrs()
  readonly allowedIps?: string[] | null;

  /** A duration from now on (`24h`, `7d`, `30d`, `1w`), or `never`. */
  @ApiPropertyOptional({ type: 'string', example: '90d' })
  @IfPresent()
  @IsString()
  @MaxLength(16)
  readonly expiresIn?: string;

  /** A future instant (RFC 3339), or a date, which is its 00:00:00Z. */
  @ApiPropertyOptional({ type: 'string', example: '2027-01-31' })
  @IfPresent()
  @IsString()
  @MaxLength(40)
  readonly expiresAt?: string;

  /** Why it need not expire; required with `never`, where the settings allow that. */
  @ApiPropertyOptional({ type: 'string', minLength: 1, maxLength: 500 })
  @IfPresent()
  @IsString()
  @Length(1, 500)
  readonly neverReason?: string;
}
