import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { InstanceRole, LedgerSettings } from '#libs/contracts';
import { assert } from '#libs/kernel';
import { effectiveSettings } from './domain/settings.js';
import type { User } from './domain/user.js';
import { SettingsDto } from './settings.dto.js';

export const INSTANCE_ROLES = ['admin', 'auditor', 'billing'] as const satisfies readonly InstanceRole[];
export const USER_STATUSES = ['active', 'disabled'] as const satisfies readonly User['status'][];

/** A person who may hold personal tokens and be a member of organizations. */
@ApiSchema({ name: 'User' })
export class UserDto {
  /** Opaque id, `usr_…`. */
  readonly uid!: string;

  /** Human id; never changes. */
  readonly handle!: string;

  readonly email!: string;

  readonly name!: string;

  /** No personal token of a disabled user is accepted. */
  @ApiProperty({ enum: USER_STATUSES })
  readonly status!: User['status'];

  /** Roles that hold everywhere in the installation. */
  @ApiProperty({ enum: INSTANCE_ROLES, isArray: true })
  readonly instanceRoles!: readonly InstanceRole[];

  /** Instant, RFC 3339. */
  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly createdAt!: string;

  /** Settings in force for the tokens of the user; in answers about one user that exists already. */
  @ApiProperty({ type: SettingsDto, required: false })
  readonly settings?: SettingsDto;
}

/** The user as the API shows it; with the settings in force where those of the installation are given. */
export function userDto(user: User, installation?: LedgerSettings): UserDto {
  const { uid, handle, email, name, status, instanceRoles, settings, createdAt } = user;
  assert(createdAt !== null, 'who is shown was recorded');
  return {
    uid,
    handle,
    email,
    name,
    status,
    instanceRoles,
    createdAt,
    ...(installation === undefined ? {} : { settings: effectiveSettings(installation, settings) }),
  };
}
