import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { Actor, InstanceRole, MemberRole, TokenAccess, TokenType } from '#libs/contracts';
import { MEMBER_ROLES } from '../organization.dto.js';
import { INSTANCE_ROLES } from '../user.dto.js';

@ApiSchema({ name: 'CallerActor' })
export class CallerActorDto implements Actor {
  @ApiProperty({ enum: ['user', 'organization', 'token', 'system', 'job', 'anonymous'] })
  readonly type!: Actor['type'];

  readonly uid!: string;
}

@ApiSchema({ name: 'CallerUser' })
export class CallerUserDto {
  readonly uid!: string;

  readonly handle!: string;

  readonly email!: string;

  readonly name!: string;
}

@ApiSchema({ name: 'CallerToken' })
export class CallerTokenDto {
  readonly uid!: string;

  /** What lists, logs and errors show of the token. */
  readonly prefix!: string;

  @ApiProperty({ enum: ['personal', 'organization', 'client', 'frontend', 'admin', 'monitoring'] })
  readonly type!: TokenType;

  /** Instant, RFC 3339; null: never. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly expiresAt!: string | null;
}

@ApiSchema({ name: 'CallerAccess' })
export class CallerAccessDto {
  /** May call the management API. */
  readonly operations!: boolean;

  /** Resources that it may reach. */
  @ApiProperty({
    oneOf: [
      { type: 'string', enum: ['all'] },
      { type: 'array', items: { type: 'string' } },
    ],
  })
  readonly endpoints!: TokenAccess['endpoints'];
}

@ApiSchema({ name: 'CallerMembership' })
export class CallerMembershipDto {
  readonly uid!: string;

  readonly handle!: string;

  readonly name!: string;

  /** An organization's own token acts as its admin. */
  @ApiProperty({ enum: MEMBER_ROLES })
  readonly role!: MemberRole;
}

/** Who a credential is, and what it may do at this moment. */
@ApiSchema({ name: 'Me' })
export class MeDto {
  /** What the audit log names as the actor of its calls. */
  @ApiProperty({ type: CallerActorDto })
  readonly actor!: CallerActorDto;

  /** Absent for a credential that belongs to no user. */
  @ApiProperty({ type: CallerUserDto, required: false })
  readonly user?: CallerUserDto;

  @ApiProperty({ type: CallerTokenDto })
  readonly token!: CallerTokenDto;

  @ApiProperty({ type: 'string', isArray: true })
  readonly scopes!: readonly string[];

  @ApiProperty({ type: CallerAccessDto })
  readonly access!: TokenAccess;

  @ApiProperty({ enum: INSTANCE_ROLES, isArray: true })
  readonly instanceRoles!: readonly InstanceRole[];

  @ApiProperty({ type: CallerMembershipDto, isArray: true })
  readonly organizations!: readonly CallerMembershipDto[];

  /** What the roles allow beyond one's own: `CREATE_API_TOKEN` for client, frontend, admin and monitoring tokens. */
  @ApiProperty({ type: 'string', isArray: true })
  readonly permissions!: readonly string[];
}
