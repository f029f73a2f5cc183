import type { RecordedEvent } from '#libs/event-log';
import { arrayLiteral } from './column-codec.js';
import type { Quarantine } from './fold.js';
import { blockOf, type TermsProjection } from './projection.js';

/** All terms that stand in the table of the block at which a writer has stopped. */
export interface OpenBlock {
  readonly block: number;
  readonly terms: ReadonlySet<number>;
}

/** Blocks of a batch are numbered as they come, so that a term and its block fit into one number that sorts. */
const BLOCKS_MAX = 2 ** 20;
const INT32 = 2 ** 31;

/** The rows that a batch of events adds to an index of terms, each once. */
export class TermBatch {
  private readonly blocks: number[] = [];
  private readonly sets = new Map<number, Set<number>>();
  private current: Set<number> = new Set();
  private block = -1;

  /** `open`: what is known of the block at which the batch before has ended; null: nothing. */
  constructor(
    private readonly projection: TermsProjection,
    private readonly open: OpenBlock | null,
  ) {}

  /** Takes the terms of events in order. An event whose handler throws has none, and quarantines its key. */
  add(events: readonly RecordedEvent[], quarantine: Quarantine): void {
    const { projection } = this;
    for (const event of events) {
      if (quarantine.intercepts(event)) continue;
      try {
        const terms = projection.terms(event);
        this.enter(blockOf(event.position, projection.blockSize));
        for (const term of terms) this.current.add(term);
      } catch (error) {
        quarantine.add(event, error);
      }
    }
  }

  /** True when none of the rows can stand in the table already. */
  get isNew(): boolean {
    return this.open !== null && (this.blocks[0] ?? Infinity) >= this.open.block;
  }

  /** What is known of the last block once the rows are written; null where an earlier batch may have added to it. */
  closing(): OpenBlock | null {
    const first = this.blocks[0];
    const last = this.blocks.at(-1);
    if (first === undefined || last === undefined) return this.open;
    if (last === first && !this.isNew) return null;
    const written = this.open?.block === last ? this.open.terms : [];
    return { block: last, terms: new Set([...written, ...(this.sets.get(last) ?? [])]) };
  }

  /** The rows as two columns, in the order of the index. */
  rows(): { readonly terms: string[]; readonly blocks: string[] } {
    const keys: number[] = [];
    this.blocks.forEach((block, index) => {
      const known = this.open?.block === block ? this.open.terms : null;
      for (const term of this.sets.get(block) ?? []) {
        if (known?.has(term) !== true) keys.push((term + INT32) * BLOCKS_MAX + index);
      }
    });
    const sorted = Float64Array.from(keys).sort();
    const names = this.blocks.map(String);
    const terms: string[] = [];
    const blocks: string[] = [];
    for (const key of sorted) {
      const index = key % BLOCKS_MAX;
      terms.push(String((key - index) / BLOCKS_MAX - INT32));
      blocks.push(names[index] as string);
    }
    return { terms, blocks };
  }

  private enter(block: number): void {
    if (block === this.block) return;
    this.block = block;
    const known = this.sets.get(block);
    this.current = known ?? new Set();
    if (known !== undefined) return;
    this.sets.set(block, this.current);
    this.blocks.push(block);
  }
}

/** Rows as lines of COPY. */
export function termLines({ terms, blocks }: ReturnType<TermBatch['rows']>): Buffer {
  return Buffer.from(terms.map((term, i) => `${term}\t${blocks[i] ?? ''}\n`).join(''));
}

/** Rows as arrays of PostgreSQL. */
export function termArrays({ terms, blocks }: ReturnType<TermBatch['rows']>): string[] {
  return [arrayLiteral(terms), arrayLiteral(blocks)];
}
