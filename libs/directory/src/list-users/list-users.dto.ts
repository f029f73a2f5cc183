import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Page } from '../page.js';
import { UserDto } from '../user.dto.js';

@ApiSchema({ name: 'UserPage' })
export class UserPageDto implements Page<UserDto> {
  @ApiProperty({ type: UserDto, isArray: true })
  readonly data!: readonly UserDto[];

  /** Null on the last page. */
  @ApiProperty({ type: 'string', nullable: true })
  readonly nextCursor!: string | null;
}
