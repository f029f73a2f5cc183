import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import type { MemberRole } from '#libs/contracts';
import { MEMBER_ROLES } from '../organization.dto.js';

@ApiSchema({ name: 'MemberRole' })
export class SetMemberDto {
  @ApiProperty({ enum: MEMBER_ROLES })
  @IsIn(MEMBER_ROLES)
  readonly role!: MemberRole;
}

/** That a user is a member of an organization, and as what. */
@ApiSchema({ name: 'Membership' })
export class MembershipDto {
  /** Organization uid. */
  readonly organization!: string;

  /** User uid. */
  readonly user!: string;

  @ApiProperty({ enum: MEMBER_ROLES })
  readonly role!: MemberRole;
}
