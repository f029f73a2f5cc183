import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { DataSource } from 'typeorm';
import { refuse } from '#libs/contracts';
import { type Page, pageOf, startAfter } from '../page.js';
import { findByRef, visibleOrganizations } from '../read-model/visible.js';
import type { MemberDto } from './list-members.dto.js';
import { ListMembers } from './list-members.query.js';

const MEMBERS = `
  SELECT member.user_uid AS "user", person.handle, person.name, person.status, member.role, member.added_at AS "addedAt"
  FROM read_model.memberships member JOIN read_model.users person ON person.uid = member.user_uid
  WHERE member.organization_uid = $1 AND ($2::text IS NULL OR person.handle > $2)
  ORDER BY person.handle LIMIT $3`;

type MemberRow = Omit<MemberDto, 'addedAt'> & { readonly addedAt: Date };

@QueryHandler(ListMembers)
export class ListMembersHandler implements IQueryHandler<ListMembers> {
  constructor(private readonly dataSource: DataSource) {}

  async execute({ principal, organization, page }: ListMembers): Promise<Page<MemberDto>> {
    const { limit } = page;
    const found = await findByRef(visibleOrganizations(this.dataSource, principal), organization, 'org');
    if (found === null) throw refuse('not_found');
    const parameters = [found.uid, startAfter(page), limit + 1];
    const rows = await this.dataSource.query<MemberRow[]>(MEMBERS, parameters);
    return pageOf({ rows, limit, sortKey: (row) => row.handle, entry: memberDto });
  }
}

function memberDto(row: MemberRow): MemberDto {
  return { ...row, addedAt: row.addedAt.toISOString() };
}
