import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { refuse } from '#libs/contracts';
import { decodeCursor, encodeCursor, listIdOf } from '#libs/http';
import { AuditEntryReader } from './audit-entry-reader.js';
import { auditScopeOf } from './audit-scope.js';
import { type EntryPage, ListEntries } from './list-entries.query.js';

@QueryHandler(ListEntries)
export class ListEntriesHandler implements IQueryHandler<ListEntries> {
  constructor(private readonly reader: AuditEntryReader) {}

  async execute({ principal, conditions, page }: ListEntries): Promise<EntryPage> {
    const list = listIdOf({ ...conditions });
    const after = page.cursor === null ? null : positionIn(page.cursor, list);
    const scope = auditScopeOf(principal);
    const { entries, next } = await this.reader.read(scope, conditions, { after, limit: page.limit });
    return { data: entries, nextCursor: next === null ? null : encodeCursor([list, next]) };
  }
}

function positionIn(cursor: string, list: string): string {
  const [madeFor, position] = decodeCursor(cursor, 2);
  if (madeFor !== list || position === undefined || !/^[0-9]{1,18}$/.test(position)) throw refuse('invalid_cursor');
  return position;
}
