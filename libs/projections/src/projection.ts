import type { EventType } from '#libs/contracts';
import type { Position, RecordedEvent } from '#libs/event-log';
import type { Json } from '#libs/kernel';

/** PostgreSQL types that a read model's column may have. */
export type ColumnType = 'text' | 'text[]' | 'integer' | 'bigint' | 'numeric' | 'boolean' | 'timestamptz' | 'jsonb';

/**
 * bigint and numeric travel as decimal strings (no leading zeros or `+`), timestamptz as RFC 3339 text in UTC with
 * milliseconds, jsonb as JSON values. A row in any other form is refused: its event cannot be folded. The members of a
 * jsonb value come back from the table in another order; a top-level null is SQL's NULL.
 */
export type ColumnValue = Json;

export type Row = Readonly<Record<string, ColumnValue>>;

/** A table in schema `read_model`. TypeORM migrations make it; the engine fills it. */
export interface ReadModelTable<R extends Row> {
  readonly name: string;
  readonly columns: { readonly [K in keyof R]: ColumnType };
  /** Primary key. */
  readonly key: readonly (keyof R & string)[];
}

interface ProjectionBase<R extends Row, T extends EventType> {
  /** Stable name, shown by `GET /v1/projections`. */
  readonly name: string;
  readonly table: ReadModelTable<R>;
  /** Event types that it folds; all others pass it by. A projection that is new is filled from the first event on. */
  readonly handles: readonly T[];
  /** The key (token, account, …) that is quarantined with all its later events when this event cannot be folded. */
  partitionOf(event: RecordedEvent<T>): string;
}

/** A read model that gains rows: a pure function from an event to the rows it adds. Rows never change afterwards. */
export interface RowsProjection<R extends Row = Row, T extends EventType = EventType> extends ProjectionBase<R, T> {
  readonly kind: 'rows';
  /** Every column, and no other. Of rows with the same key the first is kept. */
  rows(event: RecordedEvent<T>): readonly R[];
}

/**
 * A read model of current state: a document per key, folded event by event. The table holds every document as a row,
 * so the fold continues from there after any restart. Pure: no clock, no input or output.
 */
export interface DocumentsProjection<
  R extends Row = Row,
  T extends EventType = EventType,
  S = R,
> extends ProjectionBase<R, T> {
  readonly kind: 'documents';
  /**
   * Values of the key columns, as they stand in the row and in the order of `table.key`, of each document that the
   * event changes. The event changes all of them or, when it cannot be folded, none.
   */
  keysOf(event: RecordedEvent<T>): readonly (readonly string[])[];
  /**
   * The document after the event; null removes it, the very object that was given leaves it as it is, which costs
   * nothing. `key` is the one of keysOf that is being folded.
   */
  evolve(state: S | null, event: RecordedEvent<T>, key: readonly string[]): S | null;
  /**
   * How a document is stored, where it is not folded as the row that it is: exact both ways, for nobody may be able to
   * tell whether a document was read from the table or kept in memory.
   */
  readonly stored?: DocumentForm<R, S>;
  /**
   * Set where a document is a sum: the engine then folds the events of a batch on their own, from nothing, and lets
   * the table add what came out to what it holds, so that no document is ever read or remembered.
   */
  readonly merge?: MergeRule<R>;
}

/** How two rows of a key become one; a pair of folds must give what one fold over all events gives. */
export interface MergeRule<R extends Row> {
  /** Columns whose values are added. */
  readonly add: readonly (keyof R & string)[];
  /** Columns that are taken from the row with the greater `by`, where null is the least; from the older one of equals. */
  readonly latest?: { readonly by: keyof R & string; readonly columns: readonly (keyof R & string)[] };
}

export interface DocumentForm<R extends Row, S> {
  /** Every column, and no other. */
  rowOf(state: S): R;
  stateOf(row: R): S;
}

/**
 * An index of where in the log something occurs: a row for each term and each block of positions in which an event has
 * it, so that what is frequent costs a row per block instead of one per event. Whoever reads it asks the log for the
 * events of the block, and looks at each. Pure, and a rebuild is the same however the events fell into batches.
 */
export interface TermsProjection<T extends EventType = EventType> extends ProjectionBase<Row, T> {
  readonly kind: 'terms';
  /** Positions p with the same floor(p / blockSize) are a block. */
  readonly blockSize: number;
  /** Whole numbers of 32 bits, signed; repeated ones count once. */
  terms(event: RecordedEvent<T>): readonly number[];
}

export type Projection = RowsProjection | DocumentsProjection | TermsProjection;

/** Declares a projection of rows; keeps its row and event types for the writer, and drops them for the engine. */
export function rowsProjection<R extends Row, T extends EventType>(
  definition: Omit<RowsProjection<R, T>, 'kind'>,
): RowsProjection {
  return { kind: 'rows', ...definition } as unknown as RowsProjection;
}

/** Declares a projection of documents, likewise. */
export function documentsProjection<R extends Row, T extends EventType, S = R>(
  definition: Omit<DocumentsProjection<R, T, S>, 'kind'>,
): DocumentsProjection {
  return { kind: 'documents', ...definition } as unknown as DocumentsProjection;
}

/** Declares an index of terms; its table has the columns `term` (integer) and `block` (bigint), both its primary key. */
export function termsProjection<T extends EventType>({
  tableName,
  ...definition
}: Omit<TermsProjection<T>, 'kind' | 'table'> & { readonly tableName: string }): TermsProjection {
  const table = { name: tableName, columns: { term: 'integer', block: 'bigint' }, key: ['term', 'block'] };
  return { kind: 'terms', table, ...definition } as unknown as TermsProjection;
}

/** The block that a position lies in. */
export function blockOf(position: Position, blockSize: number): number {
  // Not by numbers: beyond 2^53 they round, and an event would be looked for in the block beside its own.
  return Number(position / BigInt(blockSize));
}
