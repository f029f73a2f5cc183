import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { type Page, pageOf, startAfter } from '../page.js';
import { visibleOrganizations } from '../read-model/visible.js';
import { type OrganizationDto, organizationDto } from '../organization.dto.js';
import { ListOrganizations } from './list-organizations.query.js';

@QueryHandler(ListOrganizations)
export class ListOrganizationsHandler implements IQueryHandler<ListOrganizations> {
  constructor(private readonly dataSource: DataSource) {}

  async execute({ principal, page }: ListOrganizations): Promise<Page<OrganizationDto>> {
    const { limit } = page;
    const query = visibleOrganizations(this.dataSource, principal)
      .orderBy('entry.handle')
      .limit(limit + 1);
    const after = startAfter(page);
    if (after !== null) query.andWhere('entry.handle > :after', { after });
    const rows = await query.getMany();
    return pageOf({ rows, limit, sortKey: (row) => row.handle, entry: (row) => organizationDto(row) });
  }
}
