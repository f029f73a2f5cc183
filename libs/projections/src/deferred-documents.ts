import { setImmediate as nextTurn } from 'node:timers/promises';
import { comparePositions, type Position, type RecordedEvent, START } from '#libs/event-log';
import { type DocumentState, foldDocuments, planDocuments, Quarantine, storedRow } from './fold.js';
import type { DocumentsProjection, Projection, Row } from './projection.js';
import { TableSql } from './table-sql.js';
import type { Transaction } from './transaction.js';

/** Events folded, and documents written, in one go: others have the thread in between. */
const SLICE = 500;

/** True for a projection whose documents may stay in memory while its empty table is filled. */
export function isDeferrable(projection: Projection): projection is DocumentsProjection {
  return projection.kind === 'documents' && projection.merge === undefined;
}

/**
 * The documents of a projection whose table is empty, folded in memory from the first event on and written once, at the
 * end, however many events have changed each of them.
 */
export class DeferredDocuments {
  private readonly documents = new Map<string, DocumentState>();
  private readonly quarantine: Quarantine;
  private readonly handled: ReadonlySet<string>;
  private last: Position = START;

  constructor(readonly projection: DocumentsProjection) {
    this.quarantine = new Quarantine(projection, () => false, 0);
    this.handled = new Set(projection.handles);
  }

  /** Documents in memory, those that are gone again included. */
  get size(): number {
    return this.documents.size;
  }

  /** Folds the next events of the log; those that it has been given before pass it by. */
  async fold(events: readonly RecordedEvent[]): Promise<void> {
    const { projection, quarantine, documents: changed } = this;
    const wanted = this.next(events);
    for (let from = 0; from < wanted.length; from += SLICE) {
      if (from > 0) await nextTurn();
      const steps = planDocuments(projection, wanted.slice(from, from + SLICE));
      foldDocuments(projection, steps, () => null, { changed, quarantine });
    }
  }

  /** Writes all of it, with a turn for others now and then. Throws UnfitRow for a document that is no row of its table. */
  async write(transaction: Transaction): Promise<void> {
    const { table, name } = this.projection;
    const sql = new TableSql(table);
    const { copy, done } = transaction.copy(sql.copy, name);
    try {
      let rows: Row[] = [];
      for (const document of this.documents.values()) {
        if (document.state !== null) rows.push(storedRow(this.projection, document));
        if (rows.length < SLICE) continue;
        copy.write(sql.copyLines(rows));
        rows = [];
        await nextTurn();
      }
      copy.write(sql.copyLines(rows));
    } finally {
      // The rollback that follows a failure would wait for a COPY that has no end.
      copy.end();
    }
    await done;
  }

  /** What could not be folded. */
  get letters() {
    const { name: projection } = this.projection;
    return this.quarantine.letters.map((letter) => ({ ...letter, projection }));
  }

  private next(events: readonly RecordedEvent[]): RecordedEvent[] {
    const wanted: RecordedEvent[] = [];
    for (const event of events) {
      if (comparePositions(event.position, this.last) <= 0) continue;
      this.last = event.position;
      if (this.handled.has(event.type)) wanted.push(event);
    }
    return wanted;
  }
}
