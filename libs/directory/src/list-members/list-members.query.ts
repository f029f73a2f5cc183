import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { ListQuery } from '#libs/http';
import type { Page } from '../page.js';
import type { MemberDto } from './list-members.dto.js';

/** The members of an organization, named by uid or handle; listed by their own handles. */
export class ListMembers extends Query<Page<MemberDto>> {
  constructor(
    readonly principal: Principal,
    readonly organization: string,
    readonly page: ListQuery,
  ) {
    super();
  }
}
