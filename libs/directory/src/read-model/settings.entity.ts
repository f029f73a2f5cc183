import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { LedgerSettings } from '#libs/contracts';

/** Settings of the installation, as the projection `settings` keeps them; no row while they were never changed. */
@Entity({ schema: 'read_model', name: 'settings' })
export class SettingsEntity {
  /** `installation`. */
  @PrimaryColumn('text')
  scope!: string;

  @Column('jsonb')
  settings!: LedgerSettings;
}
