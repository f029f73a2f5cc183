import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { ArrayUnique, IsArray, IsIn } from 'class-validator';
import type { InstanceRole } from '#libs/contracts';
import { INSTANCE_ROLES } from '../user.dto.js';

@ApiSchema({ name: 'InstanceRoles' })
export class SetInstanceRolesDto {
  /** The whole set of instance roles from now on. */
  @ApiProperty({ enum: INSTANCE_ROLES, isArray: true })
  @IsArray()
  @ArrayUnique()
  @IsIn(INSTANCE_ROLES, { each: true })
  readonly roles!: InstanceRole[];
}
