import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/contracts';
import { ApiResponses, Caller, Requires } from '#libs/http';
import { AuditEntryPage } from './audit-entry.dto.js';
import { conditionsOf } from './conditions-of.js';
import { EntryFilter } from './entry-filter.dto.js';
import { type EntryPage, ListEntries } from './list-entries.query.js';

@ApiTags('Audit')
@Controller('v1/audit/entries')
export class ListEntriesController {
  constructor(private readonly queries: QueryBus) {}

  /**
   * Entries of the audit log that you may see, page by page; stable while entries arrive. What happened to admin tokens,
   * their uses included, is shown to instance admins alone; what was done with one is an entry like others. What one
   * page may cost is bounded: where few of many uses are wanted (by `q` alone, say) it may hold fewer entries than
   * `limit`, even none, and lead on by its `nextCursor`. Who follows it until it is null has seen every entry.
   */
  @Get()
  @Requires('audit:read')
  @ApiOkResponse({ type: AuditEntryPage })
  @ApiResponses('permission_denied', 'invalid_cursor')
  list(@Caller() principal: Principal, @Query() filter: EntryFilter): Promise<EntryPage> {
    const page = { limit: filter.limit, cursor: filter.cursor ?? null };
    return this.queries.execute(new ListEntries(principal, conditionsOf(filter), page));
  }
}
