import { decodeCursor, encodeCursor, type ListQuery } from '#libs/http';

/** One page of a list. */
export interface Page<T> {
  readonly data: readonly T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** How a list is cut into pages: one row more than shown tells whether there is a next one. */
export interface Paging<R, T> {
  readonly rows: readonly R[];
  readonly limit: number;
  /** Unique in the list, and never changes: what the rows are ordered by. */
  readonly sortKey: (row: R) => string;
  readonly entry: (row: R) => T;
}

/** The page that `rows` begin; they were read with one more than `limit`. */
export function pageOf<R, T>({ rows, limit, sortKey, entry }: Paging<R, T>): Page<T> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { data: shown.map(entry), nextCursor: last === undefined ? null : encodeCursor([sortKey(last)]) };
}

/** The sort key after which the page begins; null for the first page. Refuses with `invalid_cursor`. */
export function startAfter({ cursor }: ListQuery): string | null {
  return cursor === undefined ? null : (decodeCursor(cursor, 1)[0] ?? null);
}
