import { spanOf } from '../domain/index.js';
import type { EntryConditions } from './entry-conditions.js';

/** Selects the rows of an index of spans that stand in those given by `askedSpans`. */
export const IN_ASKED_SPANS = '($1::integer IS NULL OR term >= $1) AND ($2::integer IS NULL OR term <= $2)';

/** The first and the last span that the conditions ask for, null where they leave it open; null: they ask for no time. */
export function askedSpans({ from, to }: EntryConditions): readonly [number | null, number | null] | null {
  if (from === undefined && to === undefined) return null;
  return [from === undefined ? null : spanOf(from), to === undefined ? null : spanOf(to)];
}
