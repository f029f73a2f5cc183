import { ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsEmail, IsIn, IsObject, IsString, Length, MaxLength, ValidateNested } from 'class-validator';
import { IfPresent } from '#libs/http';
import type { User } from '../domain/user.js';
import { SettingsPatchDto } from '../settings.dto.js';
import { USER_STATUSES } from '../user.dto.js';
import type { UserPatch } from './update-user.command.js';

@ApiSchema({ name: 'UserPatch' })
export class UpdateUserDto implements UserPatch {
  /** Display name; users change their own. Everything else is changed by instance admins. */
  @IfPresent()
  @IsString()
  @Length(1, 200)
  readonly name?: string;

  @IfPresent()
  @IsEmail()
  @MaxLength(254)
  readonly email?: string;

  /** `disabled`: every personal token of the user is refused from now on, until `active` again. */
  @ApiPropertyOptional({ enum: USER_STATUSES })
  @IfPresent()
  @IsIn(USER_STATUSES)
  readonly status?: User['status'];

  /** Why the status changes; stands in the audit log. */
  @IfPresent()
  @IsString()
  @Length(1, 500)
  readonly reason?: string;

  /** Settings for the personal tokens of this user. */
  @ApiPropertyOptional({ type: SettingsPatchDto })
  @IfPresent()
  @IsObject()
  @ValidateNested()
  @Type(() => SettingsPatchDto)
  readonly settings?: SettingsPatchDto;
}
