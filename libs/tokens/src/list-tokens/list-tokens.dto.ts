import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsIn, IsString, Length, Matches, MaxLength } from 'class-validator';
import type { TokenType } from '#libs/contracts';
import { ListQuery, IfPresent } from '#libs/http';
import type { TokenStatus } from '../domain/token.js';
import { TOKEN_STATUSES, TOKEN_TYPES, TokenDto } from '../token.dto.js';
import { SORTS, type TokenSort } from './token-sort.js';

const FLAGS = ['true', 'false'] as const;

/** Filters of the list of tokens; all that are given hold at once. */
export class ListTokensQuery extends ListQuery {
  /** Uid of a user or an organization, or `installation`. */
  @ApiPropertyOptional({ type: 'string' })
  @IfPresent()
  @Matches(/^(?:(?:usr|org)_[0-9A-HJKMNP-TV-Z]{26}|installation)$/, {
    message: 'owner must be the uid of a user or an organization, or `installation`',
  })
  readonly owner?: string;

  @ApiPropertyOptional({ enum: TOKEN_TYPES })
  @IfPresent()
  @IsIn(TOKEN_TYPES)
  readonly type?: TokenType;

  /** As of now, by the clock of the ledger. */
  @ApiPropertyOptional({ enum: TOKEN_STATUSES })
  @IfPresent()
  @IsIn(TOKEN_STATUSES)
  readonly status?: TokenStatus;

  /** Whether it is flagged as unused. */
  @ApiPropertyOptional({ enum: FLAGS })
  @IfPresent()
  @IsIn(FLAGS)
  readonly unused?: (typeof FLAGS)[number];

  /** Live tokens that expire within this time from now, as `14d`. */
  @ApiPropertyOptional({ type: 'string', example: '14d' })
  @IfPresent()
  @IsString()
  @MaxLength(16)
  readonly expiringWithin?: string;

  /** Text in name, handle, shown prefix, type, project or environment, in any case. Never a whole token. */
  @ApiPropertyOptional({ type: 'string', maxLength: 200 })
  @IfPresent()
  @IsString()
  @Length(0, 200)
  readonly q?: string;

  /** Newest first when absent. Tokens that never expire come last by `expiresAt`, never used ones first by `lastUsedAt`. */
  @ApiPropertyOptional({ enum: SORTS, default: '-createdAt' })
  @IfPresent()
  @IsIn(SORTS)
  readonly sort?: TokenSort;
}

@ApiSchema({ name: 'TokenPage' })
export class TokenPageDto {
  @ApiProperty({ type: TokenDto, isArray: true })
  readonly data!: readonly TokenDto[];

  /** Null on the last page. */
  @ApiProperty({ type: 'string', nullable: true })
  readonly nextCursor!: string | null;
}
