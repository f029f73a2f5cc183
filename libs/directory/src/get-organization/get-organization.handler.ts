import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { refuse } from '#libs/contracts';
import { installationSettings } from '../read-model/installation-settings.js';
import { findByRef, visibleOrganizations } from '../read-model/visible.js';
import { type OrganizationDto, organizationDto } from '../organization.dto.js';
import { GetOrganization } from './get-organization.query.js';

@QueryHandler(GetOrganization)
export class GetOrganizationHandler implements IQueryHandler<GetOrganization> {
  constructor(private readonly dataSource: DataSource) {}

  async execute({ principal, organization }: GetOrganization): Promise<OrganizationDto> {
    const row = await findByRef(visibleOrganizations(this.dataSource, principal), organization, 'org');
    if (row === null) throw refuse('not_found');
    return organizationDto(row, await installationSettings(this.dataSource));
  }
}
