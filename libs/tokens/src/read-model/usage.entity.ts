import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instantColumn } from './instant-column.js';
import type { UsageColumns } from './usage.projections.js';

abstract class UsageEntity implements UsageColumns {
  @PrimaryColumn('text')
  token_uid!: string;

  @PrimaryColumn('timestamptz', { transformer: instantColumn })
  bucket!: string;

  @Column('jsonb')
  outcomes!: Record<string, number>;

  @Column('numeric')
  charged!: string;
}

/** Uses of a token in one hour, as the projection `usage-hours` keeps them. */
@Entity({ schema: 'read_model', name: 'usage_hours', synchronize: false })
export class UsageHourEntity extends UsageEntity {}

/** Uses of a token on one day, as the projection `usage-days` keeps them. */
@Entity({ schema: 'read_model', name: 'usage_days', synchronize: false })
export class UsageDayEntity extends UsageEntity {}
