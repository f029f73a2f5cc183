import { IsOptional, IsString, MaxLength } from 'class-validator';
import { WholeNumber } from './whole-number.js';

/** Query of every list: `?limit=&cursor=`. */
export class ListQuery {
  /** Entries of one page. */
  @WholeNumber({ minimum: 1, maximum: 1000, default: 50 })
  limit: number = 50;

  /** `nextCursor` of the page before; absent for the first page. */
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  cursor?: string;
}
