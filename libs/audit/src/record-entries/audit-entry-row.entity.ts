import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Json } from '#libs/kernel';

/** Read side of the audit log; filled by the projection `audit-entries`. */
@Entity({ schema: 'read_model', name: 'audit_entries', synchronize: false })
export class AuditEntryRow {
  @PrimaryColumn({ type: 'bigint' })
  position!: string;

  @Column({ name: 'entry_uid', type: 'text' })
  entryUid!: string;

  @Column({ name: 'occurred_at', type: 'timestamptz' })
  occurredAt!: Date;

  @Column({ name: 'recorded_at', type: 'timestamptz' })
  recordedAt!: Date;

  @Column({ type: 'text' })
  action!: string;

  @Column({ type: 'text' })
  outcome!: 'success' | 'denied';

  @Column({ name: 'actor_type', type: 'text' })
  actorType!: string;

  @Column({ name: 'actor_uid', type: 'text' })
  actorUid!: string;

  @Column({ name: 'target_type', type: 'text', nullable: true })
  targetType!: string | null;

  @Column({ name: 'target_uid', type: 'text', nullable: true })
  targetUid!: string | null;

  @Column({ name: 'token_uid', type: 'text', nullable: true })
  tokenUid!: string | null;

  /** Null also where the event does not say it: what happened to a token later. */
  @Column({ name: 'token_prefix', type: 'text', nullable: true })
  tokenPrefix!: string | null;

  @Column({ name: 'organization_uid', type: 'text', nullable: true })
  organizationUid!: string | null;

  @Column({ name: 'owner_uid', type: 'text', nullable: true })
  ownerUid!: string | null;

  @Column({ type: 'text', nullable: true })
  ip!: string | null;

  @Column({ name: 'user_agent', type: 'text', nullable: true })
  userAgent!: string | null;

  @Column({ name: 'request_id', type: 'text', nullable: true })
  requestId!: string | null;

  @Column({ name: 'correlation_id', type: 'text', nullable: true })
  correlationId!: string | null;

  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ type: 'jsonb', nullable: true })
  changes!: Json | null;
}
