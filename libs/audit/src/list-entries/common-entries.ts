import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  EventLog,
  formatPosition,
  type MayOmit,
  type Position,
  type PositionRange,
  type RecordedEvent,
} from '#libs/event-log';
import { blockOf } from '#libs/projections';
import { type AuditEntry, type EntryTraits, isCommon, traitsOf } from '../domain/index.js';
import { auditTermsProjection, TERM_BLOCK } from '../record-entries/audit-terms.projection.js';
import { entryUidOf } from '../record-entries/entry-uid-of.js';
import type { AuditScope } from './audit-scope.js';
import { type BlockList, nextOfAll } from './block-walk.js';
import type { EntryConditions, EntryRange } from './entry-conditions.js';
import { type Candidate, matches } from './entry-matches.js';
import { TermIndex } from './term-index.js';
import { termGroups } from './term-groups.js';
import { shownAddress } from './shown-address.js';
import { textFilter } from './text-filter.js';

/** What a page may cost at most: beyond it, it is shorter than asked for, and says where to go on. */
const PAGE_BUDGET = { events: 16_384, queries: 64 };

/** Events read together: few at first, because the newest often are enough; more where most of them are passed over. */
const FIRST_EVENTS = { all: 2 * TERM_BLOCK, filtered: 8 * TERM_BLOCK } as const;
const MOST_EVENTS = 32 * TERM_BLOCK;
/** So many events between two that are wanted are rather read than left out by another call. */
const PASSED_EVENTS = TERM_BLOCK - 1;

const DEAD_LETTERS = `
  SELECT position::text FROM read_model.dead_letters
  WHERE projection = '${auditTermsProjection.name}' AND position BETWEEN $1 AND $2`;

export interface CommonPage {
  /** In the order asked for; all that there are up to `reached`. */
  readonly entries: readonly AuditEntry[];
  /** Position of the last one looked at, whether or not it was wanted; null: there is nothing beyond. */
  readonly reached: bigint | null;
}

interface Search {
  readonly scope: AuditScope;
  readonly conditions: EntryConditions;
  readonly range: EntryRange;
  /** Whether some events of the range were not folded, and are therefore not shown. */
  readonly hasDeadLetters: boolean;
}

type FilteredSearch = Search & { readonly mayOmit: MayOmit | undefined };

/** Reads the entries of common events from the log itself, in the blocks where the indexes of terms say they stand. */
@Injectable()
export class CommonEntries {
  protected readonly budget: typeof PAGE_BUDGET = PAGE_BUDGET;

  constructor(
    private readonly log: EventLog,
    private readonly index: TermIndex,
    private readonly dataSource: DataSource,
  ) {}

  /** The first entries of the search, more than `limit` if there are. */
  async read(asked: Search, limit: number): Promise<CommonPage> {
    const { scope, conditions, range } = asked;
    const search = { ...asked, mayOmit: textFilter(conditions) };
    const groups = termGroups(scope, conditions);
    if (groups === null || range.from > range.to) return { entries: [], reached: null };
    const postings = groups.map((group) => this.index.blocksOf(group, conditions.order));
    const time = this.index.blocksAt(conditions);
    const lists: BlockList[] = time === null ? postings : [time, ...postings];
    const mayGoOn = (): boolean => postings.reduce((sum, { fetches }) => sum + fetches, 0) < this.budget.queries;
    const entries: AuditEntry[] = [];
    let events = 0;
    const first = search.mayOmit === undefined ? FIRST_EVENTS.all : FIRST_EVENTS.filtered;
    let walk: Walk = { ...boundsOf(search), lists, mayGoOn, size: Math.ceil(first / this.blockEvents) };
    for (;;) {
      const { blocks, next } = await blocksFrom(walk);
      entries.push(...(await this.entriesIn(blocks, search)));
      if (next === null) return { entries, reached: null };
      events += blocks.length * this.blockEvents;
      if (entries.length > limit || events >= this.budget.events || !mayGoOn()) {
        return { entries, reached: endOf(next - walk.step, search) };
      }
      const share = entries.length / events;
      walk = { ...walk, first: next, size: this.nextSize(walk.size, limit + 1 - entries.length, share) };
    }
  }

  /** Events that are read for a block. Where positions are bytes it holds one at most. */
  private get blockEvents(): number {
    return Math.max(1, TERM_BLOCK / this.log.positionsPerEvent);
  }

  /**
   * Blocks to read next: more and more while few of their events are wanted, and no more than are likely to be needed,
   * because events that no page shows are read for nothing. `share`: wanted ones among the events read so far.
   */
  private nextSize(size: number, missing: number, share: number): number {
    const most = Math.ceil(MOST_EVENTS / this.blockEvents);
    const needed = share === 0 ? most : Math.ceil(missing / (share * this.blockEvents));
    return Math.min(most, size * 2, needed);
  }

  private async entriesIn(blocks: readonly number[], search: FilteredSearch): Promise<AuditEntry[]> {
    const { range, scope, conditions, hasDeadLetters, mayOmit } = search;
    const passed = Math.floor((PASSED_EVENTS * this.log.positionsPerEvent) / TERM_BLOCK);
    const read = await this.log.readRanges(runsOf(blocks, passed).map(rangeOf), mayOmit);
    const wanted = new Set(blocks);
    const events = read.filter(({ position }) => {
      return position >= range.from && position <= range.to && wanted.has(blockOf(position, TERM_BLOCK));
    });
    const hidden = hasDeadLetters ? await this.deadLetters(blocks) : new Set<bigint>();
    if (conditions.order === 'desc') events.sort((a, b) => (a.position > b.position ? -1 : 1));
    const entries: AuditEntry[] = [];
    for (const event of events) {
      if (!isCommon(event) || hidden.has(event.position)) continue;
      const traits = traitsOf(event);
      const candidate: Candidate = { ...traits, entryUid: () => entryUidOf(event.id, traits.occurredAt) };
      if (matches(candidate, scope, conditions)) entries.push(toEntry(event, traits));
    }
    return entries;
  }

  private async deadLetters(blocks: readonly number[]): Promise<Set<bigint>> {
    const bounds = [Math.min(...blocks) * TERM_BLOCK, (Math.max(...blocks) + 1) * TERM_BLOCK];
    const rows = await this.dataSource.query<{ position: string }[]>(DEAD_LETTERS, bounds);
    return new Set(rows.map(({ position }) => BigInt(position)));
  }
}

interface Walk {
  readonly lists: readonly BlockList[];
  readonly mayGoOn: () => boolean;
  readonly first: number;
  readonly end: number;
  readonly step: 1 | -1;
  /** Blocks to find. */
  readonly size: number;
}

interface BlockRun {
  readonly first: number;
  readonly last: number;
}

function rangeOf({ first, last }: BlockRun): PositionRange {
  const start = BigInt(first * TERM_BLOCK) as Position;
  return { first: start, last: (BigInt((last + 1) * TERM_BLOCK) - 1n) as Position };
}

/** Blocks with at most `passed` others between them are read at once; the runs in the order of the log. */
function runsOf(blocks: readonly number[], passed: number): BlockRun[] {
  const runs: { first: number; last: number }[] = [];
  for (const block of [...blocks].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && block - run.last <= passed + 1) run.last = block;
    else runs.push({ first: block, last: block });
  }
  return runs;
}

/** The first and the last block of a search, and the step from one to the next, in its order. */
function boundsOf({ range, conditions: { order } }: Search): Pick<Walk, 'first' | 'end' | 'step'> {
  const lowest = blockOf(range.from as Position, TERM_BLOCK);
  const highest = blockOf(range.to as Position, TERM_BLOCK);
  return order === 'asc' ? { first: lowest, end: highest, step: 1 } : { first: highest, end: lowest, step: -1 };
}

/** The next blocks that are wanted, and where to go on; null when that is nowhere. */
async function blocksFrom(walk: Walk): Promise<{ blocks: number[]; next: number | null }> {
  const { lists, mayGoOn, end, step, size } = walk;
  const blocks: number[] = [];
  let next = walk.first;
  while (blocks.length < size) {
    const found = (end - next) * step < 0 ? null : await nextOfAll(lists, next, mayGoOn);
    if (found === null || (end - found.block) * step < 0) return { blocks, next: null };
    if (!found.isWanted) return { blocks, next: found.block };
    blocks.push(found.block);
    next = found.block + step;
  }
  return { blocks, next };
}

/** The last position of a block in the order of the search, within its range. */
function endOf(block: number, { range, conditions: { order } }: Search): bigint {
  const first = BigInt(block * TERM_BLOCK);
  if (order === 'desc') return first > range.from ? first : range.from;
  const last = first + BigInt(TERM_BLOCK - 1);
  return last < range.to ? last : range.to;
}

function toEntry(event: RecordedEvent, traits: EntryTraits): AuditEntry {
  return {
    position: formatPosition(event.position),
    entryUid: entryUidOf(event.id, traits.occurredAt),
    time: traits.occurredAt,
    recordedAt: event.recordedAt,
    action: traits.action,
    outcome: traits.outcome,
    actor: { type: traits.actorType, uid: traits.actorUid },
    target: traits.target,
    tokenPrefix: traits.tokenPrefix,
    organization: traits.organization,
    ip: shownAddress(traits.ip),
    userAgent: traits.userAgent,
    requestId: traits.requestId,
    correlationId: traits.correlationId,
    reason: traits.reason,
    changes: traits.changes,
  };
}
