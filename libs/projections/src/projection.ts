import type { EventType } from '#libs/contracts';
import type { RecordedEvent } from '#libs/event-log';
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
 * A read model of current state: a document per key, folded event by event. The row is the state, so the fold
 * continues from the table after any restart. Pure: no clock, no input or output.
 */
export interface DocumentsProjection<R extends Row = Row, T extends EventType = EventType> extends ProjectionBase<
  R,
  T
> {
  readonly kind: 'documents';
  /**
   * Values of the key columns, as they stand in the row and in the order of `table.key`, of each document that the
   * event changes. The event changes all of them or, when it cannot be folded, none.
   */
  keysOf(event: RecordedEvent<T>): readonly (readonly string[])[];
  /** The document after the event, with every column and no other; null removes it. `key` is the one of keysOf that is being folded. */
  evolve(row: R | null, event: RecordedEvent<T>, key: readonly string[]): R | null;
}

export type Projection = RowsProjection | DocumentsProjection;

/** Declares a projection of rows; keeps its row and event types for the writer, and drops them for the engine. */
export function rowsProjection<R extends Row, T extends EventType>(
  definition: Omit<RowsProjection<R, T>, 'kind'>,
): RowsProjection {
  return { kind: 'rows', ...definition } as unknown as RowsProjection;
}

/** Declares a projection of documents, likewise. */
export function documentsProjection<R extends Row, T extends EventType>(
  definition: Omit<DocumentsProjection<R, T>, 'kind'>,
): DocumentsProjection {
  return { kind: 'documents', ...definition } as unknown as DocumentsProjection;
}
