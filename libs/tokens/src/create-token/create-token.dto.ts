import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsObject, IsString, Length, Matches, MaxLength, ValidateNested } from 'class-validator';
import { IfPresent } from '#libs/http';
import { HANDLE } from '../domain/handle.js';
import {
  AreCidrs,
  AreOrganizations,
  AreScopes,
  IfNotNull,
  IsDisplayName,
  IsEndpoints,
  IsMetadata,
} from '../field-checks.js';
import { TokenDto } from '../token.dto.js';
import type { NewTokenWish } from './create-token.command.js';

const TYPES = ['personal', 'organization', 'admin'] as const satisfies readonly NewTokenWish['type'][];
const list = { type: 'string', isArray: true } as const;

@ApiSchema({ name: 'TokenOwnerWish' })
export class TokenOwnerWishDto {
  /** Uid of the user; another one than the caller is for instance admins. */
  @ApiPropertyOptional({ type: 'string' })
  @IfPresent()
  @Matches(/^usr_[0-9A-HJKMNP-TV-Z]{26}$/, { message: 'user must be the uid of a user (usr_…)' })
  readonly user?: string;

  /** Uid of the organization. */
  @ApiPropertyOptional({ type: 'string' })
  @IfPresent()
  @Matches(/^org_[0-9A-HJKMNP-TV-Z]{26}$/, { message: 'organization must be the uid of an organization (org_…)' })
  readonly organization?: string;
}

@ApiSchema({ name: 'TokenAccessWish' })
export class TokenAccessWishDto {
  /** May call the management API; false when absent. */
  @ApiPropertyOptional({ type: 'boolean' })
  @IfPresent()
  @IsBoolean()
  readonly operations?: boolean;

  /** Resources that it reaches: `all`, also those created later, or a list; none when absent. */
  @ApiPropertyOptional({
    oneOf: [
      { type: 'string', enum: ['all'] },
      { type: 'array', items: { type: 'string' } },
    ],
  })
  @IfPresent()
  @IsEndpoints()
  readonly endpoints?: 'all' | string[];
}

@ApiSchema({ name: 'NewToken' })
export class CreateTokenDto implements NewTokenWish {
  /** `personal`: acts as its user; `organization`: as its organization; `admin`: as the installation. */
  @ApiProperty({ enum: TYPES })
  @IsIn(TYPES)
  readonly type!: NewTokenWish['type'];

  /** Human id, unique among the live tokens of the owner; never changes. Made from the name when absent. */
  @ApiPropertyOptional({ type: 'string', pattern: HANDLE.source })
  @IfPresent()
  @Matches(HANDLE)
  readonly handle?: string;

  /** Display name. */
  @ApiProperty({ type: 'string', minLength: 1, maxLength: 100 })
  @IsDisplayName()
  readonly name!: string;

  @ApiPropertyOptional({ type: 'string', maxLength: 1000 })
  @IfPresent()
  @IsString()
  @MaxLength(1000)
  readonly description?: string;

  /** The caller when absent. */
  @ApiPropertyOptional({ type: TokenOwnerWishDto })
  @IfPresent()
  @IsObject()
  @ValidateNested()
  @Type(() => TokenOwnerWishDto)
  readonly owner?: TokenOwnerWishDto;

  /** At least one kind of access; an admin token has both unless it says otherwise. */
  @ApiPropertyOptional({ type: TokenAccessWishDto })
  @IfPresent()
  @IsObject()
  @ValidateNested()
  @Type(() => TokenAccessWishDto)
  readonly access?: TokenAccessWishDto;

  /** What it may do within its access; `["*"]`, everything, when absent; `[]`: nothing. */
  @ApiPropertyOptional(list)
  @IfPresent()
  @AreScopes()
  readonly scopes?: string[];

  /** A duration from now on (`24h`, `7d`, `30d`, `1w`), or `never`; 90 days when no expiry is given. */
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

  /** Organizations that a personal token is narrowed to; all of its owner when null or absent. */
  @ApiPropertyOptional({ ...list, nullable: true })
  @IfNotNull()
  @AreOrganizations()
  readonly organizations?: string[] | null;

  /** CIDR blocks or addresses that it may be used from; anywhere when null or absent. */
  @ApiPropertyOptional({ ...list, nullable: true })
  @IfNotNull()
  @AreCidrs()
  readonly allowedIps?: string[] | null;

  /** `sealed`: the secret is shown once; `recoverable` is not available yet. */
  @ApiPropertyOptional({ enum: ['sealed'], default: 'sealed' })
  @IfPresent()
  @IsIn(['sealed'], { message: 'custody must be sealed: recoverable custody is not available' })
  readonly custody?: 'sealed';

  /** At most 20 strings of your own. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  @IfPresent()
  @IsMetadata()
  readonly metadata?: Record<string, string>;
}

@ApiSchema({ name: 'CreatedToken' })
export class CreatedTokenDto {
  @ApiProperty({ type: TokenDto })
  readonly token!: TokenDto;

  /** The token string: shown here and never again. Null when an earlier answer to the same request showed it. */
  @ApiProperty({ type: 'string', nullable: true })
  readonly secret!: string | null;
}
