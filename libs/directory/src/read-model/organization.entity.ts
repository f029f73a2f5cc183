import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OwnerSettings } from '../domain/settings.js';
import { instantColumn } from './instant-column.js';

/** An organization without its members, as the projection `organizations` keeps it. */
@Entity({ schema: 'read_model', name: 'organizations' })
export class OrganizationEntity {
  @PrimaryColumn('text')
  uid!: string;

  @Column('text')
  handle!: string;

  @Column('text')
  name!: string;

  @Column('jsonb')
  settings!: OwnerSettings;

  @Column('timestamptz', { name: 'created_at', transformer: instantColumn })
  createdAt!: string;
}
