import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { MeDto } from './get-me.dto.js';

/** Who the caller is, and what it may do. */
export class GetMe extends Query<MeDto> {
  constructor(readonly principal: Principal) {
    super();
  }
}
