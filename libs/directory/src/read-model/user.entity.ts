import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { InstanceRole } from '#libs/contracts';
import type { OwnerSettings } from '../domain/settings.js';
import type { User } from '../domain/user.js';
import { instantColumn } from './instant-column.js';

/** A user, as the projection `users` keeps it. */
@Entity({ schema: 'read_model', name: 'users' })
export class UserEntity {
  @PrimaryColumn('text')
  uid!: string;

  @Column('text')
  handle!: string;

  @Column('text')
  email!: string;

  @Column('text')
  name!: string;

  @Column('text')
  status!: User['status'];

  @Column('text', { name: 'instance_roles', array: true })
  instanceRoles!: InstanceRole[];

  @Column('jsonb')
  settings!: OwnerSettings;

  @Column('timestamptz', { name: 'created_at', transformer: instantColumn })
  createdAt!: string;
}
