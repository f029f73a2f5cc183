import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AuditEntry } from '../domain/index.js';
import { auditEntriesProjection } from '../record-entries/audit-entries.projection.js';
import { AUDIT_PROJECTIONS } from '../record-entries/audit-read-model.js';
import { auditTermsProjection } from '../record-entries/audit-terms.projection.js';
import type { AuditScope } from './audit-scope.js';
import { CommonEntries } from './common-entries.js';
import type { EntryConditions, EntryOrder, EntryRange } from './entry-conditions.js';
import { RareEntries } from './rare-entries.js';

export interface PageBounds {
  /** Exclusive; entries beyond it in the order of the page. */
  readonly after: string | null;
  /** Inclusive; no entry above it, whatever arrives meanwhile. */
  readonly upTo?: string;
  readonly limit: number;
}

export interface EntriesPage {
  readonly entries: readonly AuditEntry[];
  /** Position after which the next page begins; null: there is no more. */
  readonly next: string | null;
}

/** A read model that has not begun has no checkpoint yet. */
const PROGRESS = `
  SELECT (
      SELECT CASE count(*) WHEN cardinality($1::text[]) THEN min(position) ELSE 0 END
      FROM read_model.projection_checkpoints WHERE name = ANY($1)
    )::text AS position,
    EXISTS (SELECT FROM read_model.dead_letters WHERE projection = '${auditTermsProjection.name}') AS "hasDeadLetters"`;

/** The indexes of time are asked for a time alone: while one of them is filled for the first time, all other lists go on. */
const READ_MODELS = {
  always: [auditEntriesProjection.name, auditTermsProjection.name],
  ofTime: AUDIT_PROJECTIONS.map(({ name }) => name),
} as const;

interface Progress {
  readonly position: string;
  readonly hasDeadLetters: boolean;
}

/**
 * Reads audit entries page by page, in the order of their positions: rows of rare events, and common events out of the
 * log, up to the position that all read models which the page needs have reached when it is asked for.
 */
@Injectable()
export class AuditEntryReader {
  constructor(
    private readonly rare: RareEntries,
    private readonly common: CommonEntries,
    private readonly dataSource: DataSource,
  ) {}

  /**
   * At most `limit` entries that the scope shows and the conditions select. Fewer although there is a next page, when
   * many had to be looked at for them: what one page may cost is bounded.
   */
  async read(scope: AuditScope, conditions: EntryConditions, page: PageBounds): Promise<EntriesPage> {
    const { limit } = page;
    const { order } = conditions;
    const names = READ_MODELS[conditions.from === undefined && conditions.to === undefined ? 'always' : 'ofTime'];
    const [progress] = await this.dataSource.query<[Progress]>(PROGRESS, [names]);
    const range = rangeOf(page, order, BigInt(progress.position));
    // One more than asked for tells whether there is a next page.
    const [rare, common] = await Promise.all([
      this.rare.read(scope, conditions, range, limit + 1),
      this.common.read({ scope, conditions, range, hasDeadLetters: progress.hasDeadLetters }, limit),
    ]);
    const { reached } = common;
    const found = merged(rare, common.entries, order).filter(
      ({ position }) => reached === null || !isBeyond(BigInt(position), reached, order),
    );
    const entries = found.slice(0, limit);
    if (found.length > limit) return { entries, next: entries.at(-1)?.position ?? null };
    return { entries, next: reached === null ? null : reached.toString() };
  }
}

function rangeOf({ after, upTo }: PageBounds, order: EntryOrder, reached: bigint): EntryRange {
  const end = upTo === undefined || BigInt(upTo) > reached ? reached : BigInt(upTo);
  if (after === null) return { from: 1n, to: end };
  if (order === 'asc') return { from: BigInt(after) + 1n, to: end };
  const last = BigInt(after) - 1n;
  return { from: 1n, to: last < end ? last : end };
}

function isBeyond(position: bigint, other: bigint, order: EntryOrder): boolean {
  return order === 'asc' ? position > other : position < other;
}

/** Both lists are in order, and so is the result. */
function merged(a: readonly AuditEntry[], b: readonly AuditEntry[], order: EntryOrder): AuditEntry[] {
  const entries: AuditEntry[] = [];
  let [i, j] = [0, 0];
  for (let one = a[i], other = b[j]; one !== undefined || other !== undefined; one = a[i], other = b[j]) {
    const takesOne =
      one !== undefined && (other === undefined || isBeyond(BigInt(other.position), BigInt(one.position), order));
    entries.push((takesOne ? one : other) as AuditEntry);
    if (takesOne) i += 1;
    else j += 1;
  }
  return entries;
}
