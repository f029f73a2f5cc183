import type { RecordedEvent } from '#libs/event-log';
import { canonicalJson } from '#libs/kernel';
import { toText } from '../column-codec.js';
import { type Document, documentsOf, type DocumentState, evolveDocuments, rowsOf, storedRow } from '../fold.js';
import {
  blockOf,
  type ColumnType,
  type DocumentsProjection,
  type Projection,
  type Row,
  type RowsProjection,
  type TermsProjection,
} from '../projection.js';

/** Rows of one table by their keys; the values of a key of several columns are joined by `|`. */
export type MemoryTable = ReadonlyMap<string, Row>;

/**
 * Folds events as the engine does, without a database: the tables by their names. Rows come back as PostgreSQL would
 * give them back, and are frozen, so a fold that changes its state in place, or that relies on the order of the
 * members of a jsonb value, shows. Throws what a handler throws, and TypeError for a row that does not fit its table.
 */
export function foldInMemory(
  projections: readonly Projection[],
  events: readonly RecordedEvent[],
): ReadonlyMap<string, MemoryTable> {
  return new Map(projections.map((projection) => [projection.table.name, foldOne(projection, events)]));
}

function foldOne(projection: Projection, events: readonly RecordedEvent[]): MemoryTable {
  const table = new Map<string, Row>();
  for (const event of events) {
    if (!projection.handles.includes(event.type)) continue;
    if (projection.kind === 'rows') addRows(projection, event, table);
    else if (projection.kind === 'terms') addTerms(projection, event, table);
    else changeDocuments(projection, event, table);
  }
  return table;
}

function addRows(projection: RowsProjection, event: RecordedEvent, table: Map<string, Row>): void {
  for (const row of rowsOf(projection, event)) {
    const key = projection.table.key.map((name) => toText(typeOf(projection, name), row[name] ?? null));
    if (!table.has(key.join('|'))) table.set(key.join('|'), stored(projection, row));
  }
}

function addTerms(projection: TermsProjection, event: RecordedEvent, table: Map<string, Row>): void {
  const block = String(blockOf(event.position, projection.blockSize));
  for (const term of projection.terms(event)) table.set(`${term}|${block}`, Object.freeze({ term, block }));
}

function changeDocuments(projection: DocumentsProjection, event: RecordedEvent, table: Map<string, Row>): void {
  const documents = documentsOf(projection, event);
  const names = new Map(documents.map(({ id, key }) => [id, key.join('|')]));
  const read = (id: string): Document | null => {
    const row = table.get(names.get(id) as string);
    if (row === undefined) return null;
    return projection.stored === undefined ? row : projection.stored.stateOf(row);
  };
  const changed = new Map<string, DocumentState>();
  evolveDocuments(projection, { event, documents }, read, changed);
  for (const document of changed.values()) {
    const name = document.key.join('|');
    if (document.state === null) table.delete(name);
    else table.set(name, stored(projection, storedRow(projection, document)));
  }
}

function stored(projection: Projection, row: Row): Row {
  const columns = Object.entries(row).map(([name, value]) => [
    name,
    typeOf(projection, name) === 'jsonb' && value !== null ? (JSON.parse(canonicalJson(value)) as Row[string]) : value,
  ]);
  return Object.freeze(Object.fromEntries(columns) as Row);
}

function typeOf({ table }: Projection, name: string): ColumnType {
  return table.columns[name] as ColumnType;
}
