import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { UserDto } from '../user.dto.js';

/** One user, named by uid or handle. */
export class GetUser extends Query<UserDto> {
  constructor(
    readonly principal: Principal,
    readonly user: string,
  ) {
    super();
  }
}
