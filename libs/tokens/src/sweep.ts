import type { CommandContext } from '#libs/contracts';
import { SeededIds } from '#libs/kernel';

export const SWEEP_PAGE_SIZE = 500;
/** Owners whose tokens are worked on at once; commands of one owner write one stream of slots, so they take turns. */
const OWNERS_AT_ONCE = 16;

/** A row of work: at least which token it is about, and whose it is. */
export interface SweptToken {
  readonly uid: string;
  readonly owner_uid: string;
}

export interface Sweep<T extends SweptToken> {
  /** The next rows after the one given, at most SWEEP_PAGE_SIZE, in an order that what is done to them leaves alone. */
  readonly page: (after: T | null) => Promise<readonly T[]>;
  /** Does what is to be done about one token; true when it was recorded. */
  readonly carryOut: (token: T) => Promise<boolean>;
}

export interface SweepCounts {
  readonly found: number;
  readonly recorded: number;
}

/**
 * Does all the work that the pages name. One that fails does not keep the others from being done; the first failure is
 * thrown in the end, so that the run counts as failed, and the next one finds what is left.
 */
export async function sweep<T extends SweptToken>({ page, carryOut }: Sweep<T>): Promise<SweepCounts> {
  const failures: unknown[] = [];
  let found = 0;
  let recorded = 0;
  const settle = async (token: T): Promise<void> => {
    try {
      if (await carryOut(token)) recorded += 1;
    } catch (error) {
      // The first is enough to know of; a store that is away would fail every one of a million.
      if (failures.length === 0) failures.push(error);
    }
  };
  let rows = await page(null);
  while (rows.length > 0) {
    found += rows.length;
    await eachOwner(rows, settle);
    rows = rows.length < SWEEP_PAGE_SIZE ? [] : await page(rows.at(-1) ?? null);
  }
  if (failures.length > 0) throw failures[0];
  return { found, recorded };
}

async function eachOwner<T extends SweptToken>(rows: readonly T[], work: (row: T) => Promise<void>): Promise<void> {
  const queues = new Map<string, T[]>();
  for (const row of rows) queues.set(row.owner_uid, [...(queues.get(row.owner_uid) ?? []), row]);
  const waiting = [...queues.values()];
  const worker = async (): Promise<void> => {
    for (let queue = waiting.pop(); queue !== undefined; queue = waiting.pop()) {
      for (const row of queue) await work(row);
    }
  };
  await Promise.all(Array.from({ length: Math.min(OWNERS_AT_ONCE, waiting.length) }, worker));
}

/** The context of one command of a job: its ids belong to `seed`, so that a second run makes the same append. */
export function withSeed(context: CommandContext, seed: string): CommandContext {
  return { ...context, ids: new SeededIds(seed, context.at) };
}
