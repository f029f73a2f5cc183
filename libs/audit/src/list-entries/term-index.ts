import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { minuteOf } from '../domain/index.js';
import { MINUTE_BLOCK, TERM_BLOCK } from '../record-entries/audit-terms.projection.js';
import { askedTime, IN_ASKED_TIME } from './asked-time.js';
import { type BlockList, isBefore, LargeBlocks } from './block-walk.js';
import type { EntryConditions, EntryOrder } from './entry-conditions.js';
import type { TermGroup } from './term-groups.js';

/** How blocks at or beyond one are asked for. */
const IN_SQL = {
  asc: { compare: '>=', direction: 'ASC' },
  desc: { compare: '<=', direction: 'DESC' },
} as const;

/** Each term is asked by itself, so that a query reads so many entries of the index for it, however many there are. */
const postingsQuery = (order: EntryOrder): string => {
  const { compare, direction } = IN_SQL[order];
  return `
    SELECT DISTINCT found.block::text FROM unnest($1::integer[]) AS asked(term), LATERAL (
      SELECT t.block FROM read_model.audit_terms t
      WHERE t.term = asked.term AND t.block ${compare} $2 ORDER BY t.term ${direction}, t.block ${direction} LIMIT $3
    ) found ORDER BY 1`;
};

/** Blocks of some minutes, in the order of the log and not of time, so that they may be asked for a part at a time. */
const minutesQuery = (order: EntryOrder): string => {
  const { compare, direction } = IN_SQL[order];
  return `
    SELECT block::text FROM (
      SELECT DISTINCT block FROM read_model.audit_minutes
      WHERE ${IN_ASKED_TIME} AND block ${compare} $3 ORDER BY block ${direction} LIMIT $4
    ) found`;
};

const FIRST_FETCH = 16;
const LARGEST_FETCH = 512;

/** Asks the indexes of terms in which blocks of the log there is something. */
@Injectable()
export class TermIndex {
  constructor(private readonly dataSource: DataSource) {}

  /** The blocks that have a term of the group. */
  blocksOf(group: TermGroup, order: EntryOrder): Postings {
    const text = postingsQuery(order);
    return new Postings(order, (from, limit) => this.blocks(order, text, [group, from, limit]));
  }

  /** The blocks that may hold events of a time; null when none was asked for. */
  blocksAt(conditions: EntryConditions): BlockList | null {
    const minutes = askedTime(conditions, minuteOf);
    if (minutes === null) return null;
    const { order } = conditions;
    const text = minutesQuery(order);
    const large = new Postings(order, (from, limit) => this.blocks(order, text, [...minutes, from, limit]));
    return new LargeBlocks(large, MINUTE_BLOCK / TERM_BLOCK, order);
  }

  private async blocks(order: EntryOrder, text: string, values: unknown[]): Promise<number[]> {
    const rows = await this.dataSource.query<{ block: string }[]>(text, values);
    return rows.map(({ block }) => Number(block)).sort((a, b) => (isBefore(a, b, order) ? -1 : 1));
  }
}

type Fetch = (from: number, limit: number) => Promise<number[]>;

/** The blocks of a group of terms, fetched as they are asked for; more at a time when many are. */
export class Postings implements BlockList {
  /** Queries made so far. */
  fetches = 0;
  private buffer: readonly number[] = [];
  private index = 0;
  private size = FIRST_FETCH;
  private isLast = false;

  constructor(
    private readonly order: EntryOrder,
    private readonly fetch: Fetch,
  ) {}

  /** `from` never goes back. */
  async next(from: number): Promise<number | null> {
    for (;;) {
      while (this.index < this.buffer.length && isBefore(this.buffer[this.index] as number, from, this.order)) {
        this.index += 1;
      }
      const found = this.buffer[this.index];
      if (found !== undefined) return found;
      if (this.isLast) return null;
      await this.more(from);
    }
  }

  private async more(from: number): Promise<void> {
    this.fetches += 1;
    const found = await this.fetch(from, this.size);
    this.isLast = found.length < this.size;
    // With several terms, beyond the limit of one of them there may be blocks of it that were not fetched.
    this.buffer = found.slice(0, this.size);
    this.index = 0;
    this.size = Math.min(LARGEST_FETCH, this.size * 2);
  }
}
