import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { tenMinutesOf } from '../domain/index.js';
import { ENTRY_SPAN_BLOCK } from '../record-entries/audit-terms.projection.js';
import { askedTime, IN_ASKED_TIME } from './asked-time.js';
import type { EntryConditions, EntryRange } from './entry-conditions.js';

/** A row for each ten minutes and block: 53,000 a year at most, and one for 1,024 events. */
const BOUNDS = `
  SELECT min(block)::text AS first, max(block)::text AS last FROM read_model.audit_entry_spans
  WHERE ${IN_ASKED_TIME}`;

/** Tells between which positions the rows of a time stand. */
@Injectable()
export class EntrySpans {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * The part of the range that holds every row of the time that the conditions ask for, and some beside it; null when
   * there is no such row. All of it where they ask for no time.
   */
  async within(range: EntryRange, conditions: EntryConditions): Promise<EntryRange | null> {
    const spans = askedTime(conditions, tenMinutesOf);
    if (spans === null) return range;
    const [bounds] = await this.dataSource.query<[{ first: string | null; last: string | null }]>(BOUNDS, [...spans]);
    if (bounds.first === null || bounds.last === null) return null;
    const first = BigInt(bounds.first) * BigInt(ENTRY_SPAN_BLOCK);
    const last = (BigInt(bounds.last) + 1n) * BigInt(ENTRY_SPAN_BLOCK) - 1n;
    const part = { from: first > range.from ? first : range.from, to: last < range.to ? last : range.to };
    return part.from > part.to ? null : part;
  }
}
