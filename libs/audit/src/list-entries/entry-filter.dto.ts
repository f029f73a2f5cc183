import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsIP, IsOptional, IsString, Length, MaxLength } from 'class-validator';
import { ListQuery } from '#libs/http';

const OUTCOMES = ['success', 'denied'] as const;
const ORDERS = ['asc', 'desc'] as const;

/** Filters of the audit log; all that are given hold at once. */
export class EntryFilter extends ListQuery {
  /** Uid of who acted. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  actor?: string;

  /** Event type, as `TokenRevoked`. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  action?: string;

  /** Uid of a token. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  token?: string;

  /** Uid of an organization. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  organization?: string;

  /** Address that it came from. */
  @IsOptional()
  @IsIP()
  ip?: string;

  @ApiProperty({ enum: OUTCOMES, required: false })
  @IsOptional()
  @IsIn(OUTCOMES)
  outcome?: (typeof OUTCOMES)[number];

  /** From this instant on. */
  @IsOptional()
  @IsString()
  @MaxLength(40)
  from?: string;

  /** Before this instant. */
  @IsOptional()
  @IsString()
  @MaxLength(40)
  to?: string;

  /** Text in the reason, the user agent, or an id of the entry, its target, request or correlation. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  q?: string;

  /** Order of positions; newest first when absent. */
  @ApiProperty({ enum: ORDERS, required: false })
  @IsOptional()
  @IsIn(ORDERS)
  order?: (typeof ORDERS)[number];
}
