import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { ListQuery } from '#libs/http';
import type { Page } from '../page.js';
import type { UserDto } from '../user.dto.js';

/** The users that the caller may know of, by handle. */
export class ListUsers extends Query<Page<UserDto>> {
  constructor(
    readonly principal: Principal,
    readonly page: ListQuery,
  ) {
    super();
  }
}
