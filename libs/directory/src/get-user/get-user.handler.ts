import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { refuse } from '#libs/contracts';
import { installationSettings } from '../read-model/installation-settings.js';
import { findByRef, visibleUsers } from '../read-model/visible.js';
import { type UserDto, userDto } from '../user.dto.js';
import { GetUser } from './get-user.query.js';

@QueryHandler(GetUser)
export class GetUserHandler implements IQueryHandler<GetUser> {
  constructor(private readonly dataSource: DataSource) {}

  async execute({ principal, user }: GetUser): Promise<UserDto> {
    const row = await findByRef(visibleUsers(this.dataSource, principal), user, 'usr');
    if (row === null) throw refuse('not_found');
    return userDto(row, await installationSettings(this.dataSource));
  }
}
