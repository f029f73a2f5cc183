import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { EventData } from '#libs/contracts';
import type { GrantKind } from '../domain/index.js';

export const GRANT_KINDS = ['paid', 'promotional'] as const satisfies readonly GrantKind[];

@ApiSchema({ name: 'Grant' })
export class GrantDto {
  /** `grt_…`; named by the allocations of the charges that it pays. */
  readonly uid!: string;

  readonly account!: string;

  readonly amount!: string;

  @ApiProperty({ enum: GRANT_KINDS })
  readonly kind!: GrantKind;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly effectiveAt!: string;

  /** Null: never ends. */
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  readonly expiresAt!: string | null;

  readonly priority!: number;

  @ApiProperty({ type: 'string', nullable: true })
  readonly reason!: string | null;

  /** Balance of the account with it; without it as long as it is not effective. */
  readonly balanceAfter!: string;
}

export function grantDto(data: EventData<'CreditsGranted'>): GrantDto {
  const { grantUid: uid, accountUid: account, amount, kind, effectiveAt, expiresAt, priority, reason } = data;
  return { uid, account, amount, kind, effectiveAt, expiresAt, priority, reason, balanceAfter: data.balanceAfter };
}
