import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { TokenAccess, TokenOwner, TokenType } from '#libs/contracts';
import { type BornToken, statusAt, type Token, type TokenActor, type TokenStatus } from './domain/token.js';
import type { LastUse } from './read-model/last-use.js';

export const TOKEN_TYPES = [
  'personal',
  'organization',
  'client',
  'frontend',
  'admin',
  'monitoring',
] as const satisfies readonly TokenType[];
export const TOKEN_STATUSES = ['active', 'expired', 'revoked', 'disabled'] as const satisfies readonly TokenStatus[];
const OWNER_TYPES = ['user', 'organization', 'installation'] as const satisfies readonly TokenOwner['type'][];
const instant = { type: 'string', format: 'date-time' } as const;
const text = { type: 'string', nullable: true } as const;

@ApiSchema({ name: 'TokenOwner' })
export class TokenOwnerDto {
  @ApiProperty({ enum: OWNER_TYPES })
  readonly type!: TokenOwner['type'];

  /** Uid of the user or organization, or `installation`. */
  readonly uid!: string;
}

@ApiSchema({ name: 'TokenActor' })
export class TokenActorDto {
  @ApiProperty({ enum: ['user', 'organization', 'token', 'system', 'job', 'anonymous'] })
  readonly type!: TokenActor['type'];

  /** Uid; for `system` and `job` its name. */
  readonly uid!: string;
}

@ApiSchema({ name: 'TokenAccess' })
export class TokenAccessDto {
  /** May call the management API. */
  readonly operations!: boolean;

  /** Resources that it reaches: `all`, also those created later, or a list. */
  @ApiProperty({
    oneOf: [
      { type: 'string', enum: ['all'] },
      { type: 'array', items: { type: 'string' } },
    ],
  })
  readonly endpoints!: TokenAccess['endpoints'];
}

@ApiSchema({ name: 'TokenSecretVersion' })
export class SecretVersionDto {
  @ApiProperty({ type: 'integer' })
  readonly version!: number;

  @ApiProperty(instant)
  readonly createdAt!: string;

  /** When this secret stops to be accepted; null: with the token. */
  @ApiProperty({ ...instant, nullable: true })
  readonly retiresAt!: string | null;
}

/** A token, without anything secret. */
@ApiSchema({ name: 'Token' })
export class TokenDto {
  /** Opaque id, `tok_…`. */
  readonly uid!: string;

  /** Human id, unique among the live tokens of its owner; never changes. */
  readonly handle!: string;

  readonly name!: string;

  readonly description!: string;

  @ApiProperty({ enum: TOKEN_TYPES })
  readonly type!: TokenType;

  @ApiProperty({ type: TokenOwnerDto })
  readonly owner!: TokenOwnerDto;

  /** Beginning of the token string, by which it is recognised. */
  readonly prefix!: string;

  /** As of now, by the clock of the ledger. */
  @ApiProperty({ enum: TOKEN_STATUSES })
  readonly status!: TokenStatus;

  @ApiProperty({ type: TokenAccessDto })
  readonly access!: TokenAccessDto;

  @ApiProperty({ type: 'string', isArray: true })
  readonly scopes!: readonly string[];

  /** `["*"]`: every project. */
  @ApiProperty({ type: 'string', isArray: true })
  readonly projects!: readonly string[];

  /** Null: every environment. */
  @ApiProperty(text)
  readonly environment!: string | null;

  /** Organizations that it is narrowed to; null: all of its owner. */
  @ApiProperty({ type: 'string', isArray: true, nullable: true })
  readonly organizations!: readonly string[] | null;

  /** CIDR blocks or addresses that it may be used from; null: anywhere. */
  @ApiProperty({ type: 'string', isArray: true, nullable: true })
  readonly allowedIps!: readonly string[] | null;

  @ApiProperty(instant)
  readonly createdAt!: string;

  @ApiProperty({ type: TokenActorDto })
  readonly createdBy!: TokenActorDto;

  /** Null: never. */
  @ApiProperty({ ...instant, nullable: true })
  readonly expiresAt!: string | null;

  /** Null: never. */
  @ApiProperty({ ...instant, nullable: true })
  readonly lastUsedAt!: string | null;

  @ApiProperty(text)
  readonly lastUsedIp!: string | null;

  @ApiProperty(text)
  readonly lastUsedUserAgent!: string | null;

  /** Last use before it was flagged as unused, its creation if there was none; null: not flagged. */
  @ApiProperty({ ...instant, nullable: true })
  readonly unusedSince!: string | null;

  @ApiProperty({ ...instant, nullable: true })
  readonly revokedAt!: string | null;

  @ApiProperty({ type: TokenActorDto, nullable: true })
  readonly revokedBy!: TokenActorDto | null;

  @ApiProperty(text)
  readonly revokeReason!: string | null;

  /** Oldest first. */
  @ApiProperty({ type: SecretVersionDto, isArray: true })
  readonly secretVersions!: readonly SecretVersionDto[];

  /** `sealed`: the secret was shown once and cannot be shown again. */
  @ApiProperty({ enum: ['sealed', 'recoverable'] })
  readonly custody!: Token['custody'];

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  readonly metadata!: Readonly<Record<string, string>>;
}

/** The token as the API shows it at an instant (epoch ms). */
export function tokenDto(token: BornToken, lastUse: LastUse, at: number): TokenDto {
  const { lastUsedAt, lastUsedIp, lastUsedUserAgent } = lastUse;
  const revocation = token.phase === 'revoked' ? token : null;
  return {
    uid: token.uid,
    handle: token.handle,
    name: token.name,
    description: token.description,
    type: token.type,
    owner: token.owner,
    prefix: token.prefix,
    status: statusAt(token, at),
    access: token.access,
    scopes: token.scopes,
    projects: token.projects,
    environment: token.environment,
    organizations: token.organizations,
    allowedIps: token.allowedIps,
    createdAt: token.createdAt,
    createdBy: token.createdBy,
    expiresAt: token.expiresAt,
    lastUsedAt,
    lastUsedIp,
    lastUsedUserAgent,
    unusedSince: token.unusedSince,
    revokedAt: revocation?.revokedAt ?? null,
    revokedBy: revocation?.revokedBy ?? null,
    revokeReason: revocation?.revokeReason ?? null,
    secretVersions: token.secretVersions.map(({ version, createdAt, retiresAt }) => {
      return { version, createdAt, retiresAt };
    }),
    custody: token.custody,
    metadata: token.metadata,
  };
}
