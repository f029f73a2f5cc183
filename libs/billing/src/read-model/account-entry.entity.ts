import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AccountFact } from '../domain/index.js';
import { instantColumn } from './instant-column.js';

/** A grant, a charge or a reversal, as the projection `account-entries` keeps it. Never changes. */
@Entity({ schema: 'read_model', name: 'account_entries' })
export class AccountEntryEntity {
  @PrimaryColumn('text', { name: 'account_uid' })
  accountUid!: string;

  @PrimaryColumn('bigint')
  position!: string;

  /** Of its event in the account's stream. */
  @Column('bigint')
  revision!: string;

  /** Uid of the grant, charge or reversal. */
  @Column('text')
  uid!: string;

  /** Type of the event. */
  @Column('text')
  type!: AccountFact['type'];

  /** Contiguous from 1 in the account; null: a grant. */
  @Column('bigint', { name: 'charge_number', nullable: true })
  chargeNumber!: string | null;

  /** Credits; of a reversal less than 0. */
  @Column('numeric')
  amount!: string;

  @Column('text', { name: 'token_uid', nullable: true })
  tokenUid!: string | null;

  /** Uid of the charge that it takes back; null: it is no reversal. */
  @Column('text', { nullable: true })
  reverses!: string | null;

  /** SHA-256 (hex) of caller and idempotency key. */
  @Column('text', { name: 'key_hash', nullable: true })
  keyHash!: string | null;

  @Column('timestamptz', { name: 'occurred_at', transformer: instantColumn })
  occurredAt!: string;

  @Column('timestamptz', { name: 'recorded_at', transformer: instantColumn })
  recordedAt!: string;

  @Column('text', { name: 'correlation_id', nullable: true })
  correlationId!: string | null;

  /** Uid of the token through which the actor acted. */
  @Column('text', { nullable: true })
  credential!: string | null;

  /** Data of the event. */
  @Column('jsonb')
  data!: AccountFact['data'];
}
