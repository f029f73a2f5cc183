import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { MemberRole } from '#libs/contracts';
import type { User } from '../domain/user.js';
import { MEMBER_ROLES } from '../organization.dto.js';
import type { Page } from '../page.js';
import { USER_STATUSES } from '../user.dto.js';

/** One member of an organization. */
@ApiSchema({ name: 'Member' })
export class MemberDto {
  /** User uid. */
  readonly user!: string;

  readonly handle!: string;

  readonly name!: string;

  @ApiProperty({ enum: USER_STATUSES })
  readonly status!: User['status'];

  @ApiProperty({ enum: MEMBER_ROLES })
  readonly role!: MemberRole;

  /** Instant, RFC 3339. */
  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly addedAt!: string;
}

@ApiSchema({ name: 'MemberPage' })
export class MemberPageDto implements Page<MemberDto> {
  @ApiProperty({ type: MemberDto, isArray: true })
  readonly data!: readonly MemberDto[];

  /** Null on the last page. */
  @ApiProperty({ type: 'string', nullable: true })
  readonly nextCursor!: string | null;
}
