import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ENTRY_HOUR_BLOCK } from '../record-entries/audit-terms.projection.js';
import { askedHours, IN_ASKED_HOURS } from './asked-hours.js';
import type { EntryConditions, EntryRange } from './entry-conditions.js';

/** A row for each hour and block: some 9,000 a year, and one for 1,024 events. */
const BOUNDS = `
  SELECT min(block)::text AS first, max(block)::text AS last FROM read_model.audit_entry_hours
  WHERE ${IN_ASKED_HOURS}`;

/** Tells between which positions the rows of a time stand. */
@Injectable()
export class EntryHours {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * The part of the range that holds every row of the time that the conditions ask for, and some beside it; null when
   * there is no such row. All of it where they ask for no time.
   */
  async within(range: EntryRange, conditions: EntryConditions): Promise<EntryRange | null> {
    const hours = askedHours(conditions);
    if (hours === null) return range;
    const [bounds] = await this.dataSource.query<[{ first: string | null; last: string | null }]>(BOUNDS, [...hours]);
    if (bounds.first === null || bounds.last === null) return null;
    const first = BigInt(bounds.first) * BigInt(ENTRY_HOUR_BLOCK);
    const last = (BigInt(bounds.last) + 1n) * BigInt(ENTRY_HOUR_BLOCK) - 1n;
    const part = { from: first > range.from ? first : range.from, to: last < range.to ? last : range.to };
    return part.from > part.to ? null : part;
  }
}
