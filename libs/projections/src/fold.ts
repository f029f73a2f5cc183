import type { RecordedEvent } from '#libs/event-log';
import { checkRow, toText } from './column-codec.js';
import { describeError, storable, UnfitRow } from './database-errors.js';
import type { ColumnType, DocumentsProjection, Projection, Row, RowsProjection } from './projection.js';

/** An event that a projection does not hold, because it or an earlier one of its partition key could not be folded. */
export interface DeadLetter {
  /** False: it was not tried, because it follows one that could not be folded. */
  readonly tried: boolean;
  readonly event: RecordedEvent;
  readonly partitionKey: string;
  readonly error: string;
}

/** A document in memory, in the form in which its projection folds it. */
export type Document = Row;

/** A document as a fold leaves it; null: removed, or never there. */
export interface DocumentState {
  readonly key: readonly string[];
  readonly state: Document | null;
}

export type DocumentReader = (id: string) => Document | null;

/** Keys that are quarantined, and the letters that were written on the way; on top of what was quarantined before. */
export class Quarantine {
  readonly added = new Set<string>();
  readonly letters: DeadLetter[] = [];

  constructor(
    private readonly projection: Projection,
    private readonly isQuarantined: (partitionKey: string) => boolean,
    private readonly quarantinedBefore: number,
  ) {}

  /** True, with a letter written, when the key of the event is quarantined: the event must not be folded. */
  intercepts(event: RecordedEvent): boolean {
    if (this.quarantinedBefore + this.added.size === 0) return false;
    const partitionKey = partitionKeyOf(this.projection, event);
    if (!this.added.has(partitionKey) && !this.isQuarantined(partitionKey)) return false;
    this.letters.push({ event, partitionKey, tried: false, error: 'follows an event of its key that was not folded' });
    return true;
  }

  /** Quarantines the key of an event that cannot be folded. */
  add(event: RecordedEvent, error: unknown): void {
    const partitionKey = partitionKeyOf(this.projection, event);
    this.added.add(partitionKey);
    this.letters.push({ event, partitionKey, tried: true, error: describeError(error) });
  }
}

/** The partition key of an event; its stream when the projection cannot tell. */
export function partitionKeyOf(projection: Projection, event: RecordedEvent): string {
  try {
    return storable(projection.partitionOf(event));
  } catch {
    return storable(event.stream);
  }
}

/** Rows that the events add, in order. An event whose handler throws adds none, and quarantines its key. */
export function foldRows(projection: RowsProjection, events: readonly RecordedEvent[], quarantine: Quarantine): Row[] {
  const rows: Row[] = [];
  for (const event of events) {
    if (quarantine.intercepts(event)) continue;
    try {
      rows.push(...rowsOf(projection, event));
    } catch (error) {
      quarantine.add(event, error);
    }
  }
  return rows;
}

/** The rows that one event adds, checked against the table. Throws what the handler throws. */
export function rowsOf(projection: RowsProjection, event: RecordedEvent): readonly Row[] {
  const rows = projection.rows(event);
  for (const row of rows) checkRow(projection.table, row);
  return rows;
}

/** A document that an event changes. */
export interface DocumentKey {
  /** Identity within the projection. */
  readonly id: string;
  readonly key: readonly string[];
}

/** An event with the documents that it changes, each named once, or the failure to name them. */
export interface DocumentStep {
  readonly event: RecordedEvent;
  readonly documents: readonly DocumentKey[];
  readonly failure?: unknown;
}

/** Which documents the events change, known before any of them is read. */
export function planDocuments(projection: DocumentsProjection, events: readonly RecordedEvent[]): DocumentStep[] {
  return events.map((event) => {
    try {
      return { event, documents: documentsOf(projection, event) };
    } catch (failure) {
      return { event, documents: [], failure };
    }
  });
}

/** The documents that one event changes. Throws what the handler throws. */
export function documentsOf(projection: DocumentsProjection, event: RecordedEvent): readonly DocumentKey[] {
  const keys = projection.keysOf(event);
  if (keys.length === 1) return [{ id: documentId(keys[0] as readonly string[]), key: keys[0] as readonly string[] }];
  const documents = keys.map((key) => ({ id: documentId(key), key }));
  return documents.length < 2 ? documents : [...new Map(documents.map((document) => [document.id, document])).values()];
}

function documentId(key: readonly string[]): string {
  return key.length === 1 ? (key[0] as string) : key.join('\u0000');
}

/** The row of a document, checked against the table. Throws UnfitRow. */
export function storedRow(projection: DocumentsProjection, { key, state }: DocumentState): Row {
  try {
    const row = projection.stored === undefined ? (state as Row) : projection.stored.rowOf(state as Document);
    checkDocument(projection, row, key);
    return row;
  } catch (error) {
    throw new UnfitRow(error);
  }
}

/**
 * Adds to `changed` the documents that the events change, as they are after the last of them. An event changes all of
 * its documents or, when its handler throws, none, and quarantines its key.
 */
export function foldDocuments(
  projection: DocumentsProjection,
  steps: readonly DocumentStep[],
  read: DocumentReader,
  { changed, quarantine }: { changed: Map<string, DocumentState>; quarantine: Quarantine },
): void {
  const before = (id: string): Document | null => {
    const known = changed.get(id);
    return known === undefined ? read(id) : known.state;
  };
  for (const step of steps) {
    if (quarantine.intercepts(step.event)) continue;
    try {
      if ('failure' in step) throw step.failure;
      evolveDocuments(projection, step, before, changed);
    } catch (error) {
      quarantine.add(step.event, error);
    }
  }
}

/** Adds to `changed` the documents that one event changes, all or, when it throws what the handler throws, none. */
export function evolveDocuments(
  projection: DocumentsProjection,
  { event, documents }: Pick<DocumentStep, 'event' | 'documents'>,
  read: DocumentReader,
  changed: Map<string, DocumentState>,
): void {
  const [only] = documents;
  if (only !== undefined && documents.length === 1) {
    const before = read(only.id);
    const state = projection.evolve(before, event, only.key);
    if (state !== before) changed.set(only.id, { key: only.key, state });
    return;
  }
  const evolved = documents.map(({ id, key }) => {
    const before = read(id);
    return { id, key, before, state: projection.evolve(before, event, key) };
  });
  for (const { id, key, before, state } of evolved) if (state !== before) changed.set(id, { key, state });
}

function checkDocument({ table }: DocumentsProjection, row: Row, key: readonly string[]): void {
  checkRow(table, row);
  for (let i = 0; i < table.key.length; i += 1) {
    const name = table.key[i] as string;
    if (toText(table.columns[name] as ColumnType, row[name] ?? null) !== key[i])
      throw new TypeError(`column ${name} of ${table.name} is not that of the key`);
  }
}
