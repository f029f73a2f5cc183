import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import type { LedgerSettings } from '#libs/contracts';
import { installationSettings } from '../read-model/installation-settings.js';
import { GetSettings } from './get-settings.query.js';

@QueryHandler(GetSettings)
export class GetSettingsHandler implements IQueryHandler<GetSettings> {
  constructor(private readonly dataSource: DataSource) {}

  execute(): Promise<LedgerSettings> {
    return installationSettings(this.dataSource);
  }
}
