import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { refuse } from '#libs/contracts';
import { decodeCursor, encodeCursor } from '#libs/http';
import { AuditEntryReader } from './audit-entry-reader.js';
import { auditScopeOf } from './audit-scope.js';
import { type EntryPage, ListEntries } from './list-entries.query.js';

@QueryHandler(ListEntries)
export class ListEntriesHandler implements IQueryHandler<ListEntries> {
  constructor(private readonly reader: AuditEntryReader) {}

  async execute({ principal, conditions, page }: ListEntries): Promise<EntryPage> {
    const after = page.cursor === null ? null : positionIn(page.cursor, conditions.order);
    const scope = auditScopeOf(principal);
    // One more than asked for tells whether there is a next page.
    const found = await this.reader.read(scope, conditions, { after, limit: page.limit + 1 });
    const data = found.slice(0, page.limit);
    const last = data.at(-1);
    const hasMore = found.length > data.length && last !== undefined;
    return { data, nextCursor: hasMore ? encodeCursor([conditions.order, last.position]) : null };
  }
}

function positionIn(cursor: string, order: string): string {
  const [madeFor, position] = decodeCursor(cursor, 2);
  if (madeFor !== order || position === undefined || !/^[0-9]{1,18}$/.test(position)) throw refuse('invalid_cursor');
  return position;
}
