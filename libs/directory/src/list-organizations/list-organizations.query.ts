import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { ListQuery } from '#libs/http';
import type { Page } from '../page.js';
import type { OrganizationDto } from '../organization.dto.js';

/** The organizations that the caller may know of, by handle. */
export class ListOrganizations extends Query<Page<OrganizationDto>> {
  constructor(
    readonly principal: Principal,
    readonly page: ListQuery,
  ) {
    super();
  }
}
