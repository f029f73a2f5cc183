import type { EntryOrder } from './entry-conditions.js';

/** Numbers of blocks in order, to be asked for the next one at or beyond a given one. */
export interface BlockList {
  /** Null: there is none. */
  next(from: number): number | null | Promise<number | null>;
}

/** True when `block` lies before `other` in the order. */
export function isBefore(block: number, other: number, order: EntryOrder): boolean {
  return order === 'asc' ? block < other : block > other;
}

/** How far a walk has come: at a block that is wanted, or, when it was called off, at one that it has not looked at. */
export interface Step {
  readonly block: number;
  readonly isWanted: boolean;
}

/**
 * The next block at or beyond `from` that all lists have; null when there is none. Each list is asked for the next
 * block beyond what the others have, so that a frequent term is passed over as quickly as the rarest one allows. Lists
 * that never meet could keep it going through all of the log: it stops when it may not go on.
 */
export async function nextOfAll(
  lists: readonly BlockList[],
  from: number,
  mayGoOn: () => boolean,
): Promise<Step | null> {
  let block = from;
  while (mayGoOn()) {
    const asked = block;
    for (const list of lists) {
      const next = await list.next(block);
      if (next === null) return null;
      block = next;
    }
    if (block === asked) return { block, isWanted: true };
  }
  return { block, isWanted: false };
}

/** Blocks that lie in one of some larger ones, of `factor` blocks each. */
export class LargeBlocks implements BlockList {
  constructor(
    private readonly large: BlockList,
    private readonly factor: number,
    private readonly order: EntryOrder,
  ) {}

  async next(from: number): Promise<number | null> {
    const { large, factor, order } = this;
    const wanted = Math.floor(from / factor);
    const found = await large.next(wanted);
    if (found === null) return null;
    if (found === wanted) return from;
    return order === 'asc' ? found * factor : found * factor + factor - 1;
  }
}
