import type { DataSource } from 'typeorm';
import type { LedgerSettings } from '#libs/contracts';
import { initialSettings } from '../domain/settings.js';
import { SettingsEntity } from './settings.entity.js';

/** The settings of the installation, as the read model knows them. */
export async function installationSettings(dataSource: DataSource): Promise<LedgerSettings> {
  const row = await dataSource.getRepository(SettingsEntity).findOneBy({ scope: 'installation' });
  return row?.settings ?? initialSettings;
}
