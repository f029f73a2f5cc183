import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** Query of every list: `?limit=&cursor=`. */
export class ListQuery {
  /** Entries of one page. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit: number = 50;

  /** `nextCursor` of the page before; absent for the first page. */
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  cursor?: string;
}
