import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { LedgerSettings, MemberRole } from '#libs/contracts';
import { assert } from '#libs/kernel';
import type { Organization } from './domain/organization.js';
import { effectiveSettings } from './domain/settings.js';
import { SettingsDto } from './settings.dto.js';

export const MEMBER_ROLES = [
  'admin',
  'developer',
  'endpoint_user',
  'billing',
  'auditor',
] as const satisfies readonly MemberRole[];

/** A group of users that may hold tokens of its own and pays for what names it. */
@ApiSchema({ name: 'Organization' })
export class OrganizationDto {
  /** Opaque id, `org_…`; what `X-Requester-Uid` takes. */
  readonly uid!: string;

  /** Human id; never changes. */
  readonly handle!: string;

  readonly name!: string;

  /** Instant, RFC 3339. */
  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly createdAt!: string;

  /** Settings in force for the tokens of the organization; in answers about one organization that exists already. */
  @ApiProperty({ type: SettingsDto, required: false })
  readonly settings?: SettingsDto;
}

/** The organization as the API shows it; with the settings in force where those of the installation are given. */
export function organizationDto(
  organization: Omit<Organization, 'members'>,
  installation?: LedgerSettings,
): OrganizationDto {
  const { uid, handle, name, settings, createdAt } = organization;
  assert(createdAt !== null, 'who is shown was recorded');
  return {
    uid,
    handle,
    name,
    createdAt,
    ...(installation === undefined ? {} : { settings: effectiveSettings(installation, settings) }),
  };
}
