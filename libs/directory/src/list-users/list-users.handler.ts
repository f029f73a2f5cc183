import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { type Page, pageOf, startAfter } from '../page.js';
import { visibleUsers } from '../read-model/visible.js';
import { type UserDto, userDto } from '../user.dto.js';
import { ListUsers } from './list-users.query.js';

@QueryHandler(ListUsers)
export class ListUsersHandler implements IQueryHandler<ListUsers> {
  constructor(private readonly dataSource: DataSource) {}

  async execute({ principal, page }: ListUsers): Promise<Page<UserDto>> {
    const { limit } = page;
    const query = visibleUsers(this.dataSource, principal)
      .orderBy('entry.handle')
      .limit(limit + 1);
    const after = startAfter(page);
    if (after !== null) query.andWhere('entry.handle > :after', { after });
    const rows = await query.getMany();
    return pageOf({ rows, limit, sortKey: (row) => row.handle, entry: (row) => userDto(row) });
  }
}
