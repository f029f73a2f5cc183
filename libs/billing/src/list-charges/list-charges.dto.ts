import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { IfPresent, WholeNumber } from '#libs/http';
import type { ChargeEvent, ChargeEventAllocation, ChargeEventData } from './charge-event.js';
import type { FeedPage } from './list-charges.query.js';

const nullableText = { type: 'string', nullable: true } as const;

export class FeedQueryDto implements FeedPage {
  /** Cursor of the page before, from its `Link: rel="next"`; from the first charge when absent. */
  @ApiPropertyOptional({ type: 'string' })
  @IfPresent()
  @IsString()
  @MaxLength(2048)
  readonly after?: string;

  /** Events of one page. */
  @WholeNumber({ minimum: 1, maximum: 1000, default: 100 })
  readonly limit: number = 100;

  /** Seconds to wait for a charge when there is none yet. */
  @WholeNumber({ minimum: 0, maximum: 30, default: 0 })
  readonly wait: number = 0;
}

@ApiSchema({ name: 'ChargeAllocation' })
export class ChargeAllocationDto implements ChargeEventAllocation {
  /** Uid of the grant. */
  readonly grantId!: string;

  /** Credits. */
  readonly amount!: string;
}

@ApiSchema({ name: 'ChargeEventData' })
export class ChargeEventDataDto implements ChargeEventData {
  readonly chargeId!: string;

  /** Contiguous from 1 in the account. */
  readonly chargeNumber!: string;

  @ApiProperty({ enum: ['charge', 'reversal'] })
  readonly kind!: 'charge' | 'reversal';

  /** The use that was charged; null for a direct charge. */
  @ApiProperty(nullableText)
  readonly useId!: string | null;

  /** Account that pays. */
  readonly payer!: string;

  @ApiProperty(nullableText)
  readonly organization!: string | null;

  /** Who used the token. */
  @ApiProperty(nullableText)
  readonly principal!: string | null;

  @ApiProperty(nullableText)
  readonly tokenUid!: string | null;

  @ApiProperty(nullableText)
  readonly tokenPrefix!: string | null;

  @ApiProperty(nullableText)
  readonly operation!: string | null;

  @ApiProperty(nullableText)
  readonly quantity!: string | null;

  @ApiProperty(nullableText)
  readonly quantityUnit!: string | null;

  /** Credits; of a reversal less than zero. */
  readonly amount!: string;

  /** Decimal places of the amounts. */
  @ApiProperty({ type: 'integer', enum: [0] })
  readonly scale!: 0;

  readonly unit!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  readonly price!: null;

  /** Which grants paid which part, or, of a reversal, got it back. */
  @ApiProperty({ type: ChargeAllocationDto, isArray: true })
  readonly allocations!: readonly ChargeAllocationDto[];

  @ApiProperty(nullableText)
  readonly holdId!: null;

  /** The charge that a reversal takes back. */
  @ApiProperty(nullableText)
  readonly reverses!: string | null;

  @ApiProperty(nullableText)
  readonly reason!: string | null;

  readonly balanceAfter!: string;

  /** Month in which it was booked, UTC, as `2026-11`. */
  readonly period!: string;

  /** Month to which it belongs. */
  readonly servicePeriod!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  readonly labels!: Readonly<Record<string, string>>;
}

/** CloudEvents 1.0, JSON format. */
@ApiSchema({ name: 'ChargeEvent' })
export class ChargeEventDto implements ChargeEvent {
  @ApiProperty({ enum: ['1.0'] })
  readonly specversion!: '1.0';

  /** `tokenledger.org.charged.v1` or `tokenledger.user.charged.v1`. */
  readonly type!: string;

  /** The account within this ledger. */
  readonly source!: string;

  /** Uid of the charge or reversal: the same in every delivery. */
  readonly id!: string;

  /** Account that pays. */
  readonly subject!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly time!: string;

  @ApiProperty({ enum: ['application/json'] })
  readonly datacontenttype!: 'application/json';

  readonly dataschema!: string;

  /** `chargeNumber` as 20 digits: contiguous within `source`. */
  @ApiProperty({ type: 'string', pattern: '^[0-9]{20}$' })
  readonly sequence!: string;

  readonly partitionkey!: string;

  @ApiProperty({ type: 'string', format: 'date-time' })
  readonly recordedtime!: string;

  /** Request that it came with. */
  @ApiPropertyOptional({ type: 'string' })
  readonly correlationid?: string;

  /** The use that was charged, or the charge that is taken back. */
  @ApiPropertyOptional({ type: 'string' })
  readonly causationid?: string;

  @ApiProperty({ enum: ['api_key', 'system'] })
  readonly authtype!: 'api_key' | 'system';

  /** Uid of the token that was used, or, of a direct charge or a reversal, of the one that the call came with. */
  @ApiPropertyOptional({ type: 'string' })
  readonly authid?: string;

  @ApiProperty({ type: ChargeEventDataDto })
  readonly data!: ChargeEventDataDto;
}
