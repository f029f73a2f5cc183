import { fromInstant, toInstant } from '#libs/kernel';
import type { EntryConditions } from './entry-conditions.js';

/** Selects the rows of an index of time that stand between those given by `askedTime`. */
export const IN_ASKED_TIME = '($1::integer IS NULL OR term >= $1) AND ($2::integer IS NULL OR term <= $2)';

/**
 * The first and the last unit of time that the conditions ask for, null where they leave it open; null: they ask for no
 * time. `unitOf` counts the units up to an instant.
 */
export function askedTime(
  { from, to }: EntryConditions,
  unitOf: (instant: string) => number,
): readonly [number | null, number | null] | null {
  if (from === undefined && to === undefined) return null;
  // What happens at `to` itself is not asked for, nor is the unit that begins with it.
  const last = to === undefined ? null : unitOf(toInstant(fromInstant(to) - 1));
  return [from === undefined ? null : unitOf(from), last];
}
