import { hourOf } from '../domain/index.js';
import type { EntryConditions } from './entry-conditions.js';

/** Selects the rows of an index of hours that stand in the hours given by `askedHours`. */
export const IN_ASKED_HOURS = '($1::integer IS NULL OR term >= $1) AND ($2::integer IS NULL OR term <= $2)';

/** The first and the last hour that the conditions ask for, null where they leave it open; null: they ask for no time. */
export function askedHours({ from, to }: EntryConditions): readonly [number | null, number | null] | null {
  if (from === undefined && to === undefined) return null;
  return [from === undefined ? null : hourOf(from), to === undefined ? null : hourOf(to)];
}
