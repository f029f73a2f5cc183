import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AccountMode } from '#libs/contracts';
import type { AccountSnapshot } from '../domain/index.js';

/** An account, as the projection `accounts` keeps it: up to the event at `position`. */
@Entity({ schema: 'read_model', name: 'accounts' })
export class AccountEntity {
  @PrimaryColumn('text')
  uid!: string;

  /** Of the last event in it. */
  @Column('bigint')
  revision!: string;

  @Column('bigint')
  position!: string;

  @Column('text')
  mode!: AccountMode;

  @Column('numeric', { name: 'credit_limit', nullable: true })
  creditLimit!: string | null;

  /** As of the last event; grants that have ended or begun since are not in it. */
  @Column('numeric')
  balance!: string;

  /** Number of the last charge or reversal. */
  @Column('bigint', { name: 'charge_number' })
  chargeNumber!: string;

  /** From which the ledger goes on in memory. */
  @Column('jsonb')
  state!: AccountSnapshot;
}
