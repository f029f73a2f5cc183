import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instantColumn } from './instant-column.js';
import type { UsageColumns } from './usage.projections.js';

const instant = { type: 'timestamptz', transformer: instantColumn } as const;

/** Calls of a token in one hour with one outcome, as the projection `usage-hours` keeps them. */
@Entity({ schema: 'read_model', name: 'usage_hours', synchronize: false })
export class UsageHourEntity implements UsageColumns {
  @PrimaryColumn('text')
  token_uid!: string;

  @PrimaryColumn(instant)
  bucket!: string;

  @PrimaryColumn('text')
  outcome!: string;

  @Column('bigint')
  calls!: string;

  @Column('numeric')
  charged!: string;

  @Column({ ...instant, nullable: true })
  last_used_at!: string | null;

  @Column('text', { nullable: true })
  last_used_ip!: string | null;

  @Column('text', { nullable: true })
  last_used_user_agent!: string | null;

  @Column('text', { nullable: true })
  last_used_requester!: string | null;
}
