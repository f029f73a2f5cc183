import { Query } from '@nestjs/cqrs';
import type { Principal } from '#libs/contracts';
import type { AuditEntry } from '../domain/audit-entry.js';
import type { EntryConditions } from './entry-conditions.js';

export interface EntryPage {
  readonly data: readonly AuditEntry[];
  /** Of the next page; null on the last one. */
  readonly nextCursor: string | null;
}

/** One page of the entries that the caller may see. */
export class ListEntries extends Query<EntryPage> {
  constructor(
    readonly principal: Principal,
    readonly conditions: EntryConditions,
    readonly page: { readonly limit: number; readonly cursor: string | null },
  ) {
    super();
  }
}
