import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { MemberRole } from '#libs/contracts';
import { instantColumn } from './instant-column.js';

/** A membership in force, as the projection `memberships` keeps it. */
@Entity({ schema: 'read_model', name: 'memberships' })
export class MembershipEntity {
  @PrimaryColumn('text', { name: 'organization_uid' })
  organizationUid!: string;

  @PrimaryColumn('text', { name: 'user_uid' })
  userUid!: string;

  @Column('text')
  role!: MemberRole;

  @Column('timestamptz', { name: 'added_at', transformer: instantColumn })
  addedAt!: string;
}
