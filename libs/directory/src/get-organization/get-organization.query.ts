import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { OrganizationDto } from '../organization.dto.js';

/** One organization, named by uid or handle. */
export class GetOrganization extends Query<OrganizationDto> {
  constructor(
    readonly principal: Principal,
    readonly organization: string,
  ) {
    super();
  }
}
