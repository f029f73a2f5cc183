import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Where a grant, a charge or a reversal stands, as the projection `account-entries` keeps it. Never changes. */
@Entity({ schema: 'read_model', name: 'account_entries' })
export class AccountEntryEntity {
  /** Uid of the grant, charge or reversal. */
  @PrimaryColumn('text')
  uid!: string;

  @Column('text', { name: 'account_uid' })
  accountUid!: string;

  /** Of its event in the account's stream. */
  @Column('bigint')
  revision!: string;

  /** SHA-256 (hex) of caller and idempotency key. */
  @Column('text', { name: 'key_hash', nullable: true })
  keyHash!: string | null;

  /** Uid of the charge that it takes back; null: it is no reversal. */
  @Column('text', { nullable: true })
  reverses!: string | null;
}
