import { ApiProperty } from '@nestjs/swagger';

/** Who or what an entry names. */
export class AuditParty {
  type!: string;
  uid!: string;
}

/** One entry of the audit log. */
export class AuditEntryAnswer {
  /** Order of entries. */
  position!: string;
  entryUid!: string;
  /** When it happened. */
  @ApiProperty({ type: String, format: 'date-time' })
  time!: string;
  /** When it was appended to the log. */
  @ApiProperty({ type: String, format: 'date-time' })
  recordedAt!: string;
  /** Event type, as `TokenRevoked`. */
  action!: string;
  @ApiProperty({ enum: ['success', 'denied'] })
  outcome!: string;
  actor!: AuditParty;
  @ApiProperty({ type: AuditParty, nullable: true })
  target!: AuditParty | null;
  /** The beginning of the token string; null where the entry is about no token. */
  @ApiProperty({ type: String, nullable: true })
  tokenPrefix!: string | null;
  @ApiProperty({ type: String, nullable: true })
  organization!: string | null;
  @ApiProperty({ type: String, nullable: true })
  ip!: string | null;
  @ApiProperty({ type: String, nullable: true })
  userAgent!: string | null;
  @ApiProperty({ type: String, nullable: true })
  requestId!: string | null;
  @ApiProperty({ type: String, nullable: true })
  correlationId!: string | null;
  /** Words of the actor, or the refusal code of a refused use. */
  @ApiProperty({ type: String, nullable: true })
  reason!: string | null;
  /** Before and after of each changed field, by its name. */
  @ApiProperty({
    type: 'object',
    nullable: true,
    additionalProperties: { type: 'object', required: ['before', 'after'], properties: { before: {}, after: {} } },
  })
  changes!: object | null;
}

export class AuditEntryPage {
  @ApiProperty({ type: [AuditEntryAnswer] })
  data!: AuditEntryAnswer[];
  /** Null on the last page; also a page without entries may have a next one. */
  @ApiProperty({ type: String, nullable: true })
  nextCursor!: string | null;
}
