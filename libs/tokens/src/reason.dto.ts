import { IfPresent } from '#libs/http';
import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';

@ApiSchema({ name: 'Reason' })
export class ReasonDto {
  /** Why; stands in the audit log. */
  @ApiPropertyOptional({ type: 'string', minLength: 1, maxLength: 500 })
  @IfPresent()
  @IsString()
  @Length(1, 500)
  readonly reason?: string;
}
