import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordedEvent } from '#libs/event-log';
import { SQLSTATE, sqlState } from './database-errors.js';
import { DocumentCache } from './document-cache.js';
import {
  type DeadLetter,
  type DocumentState,
  type Document,
  type DocumentStep,
  foldDocuments,
  foldRows,
  planDocuments,
  Quarantine,
  storedRow,
} from './fold.js';
import type { DocumentsProjection, Projection, Row, RowsProjection, TermsProjection } from './projection.js';
import { TableSql } from './table-sql.js';
import { type OpenBlock, termArrays, TermBatch, termLines } from './term-batch.js';
import type { TextRow, Transaction } from './transaction.js';

/** What one transaction has read and changed of one projection; becomes true for the engine with the commit. */
export class Stage {
  readonly documents = new Map<string, Document | null>();
  /** Undefined: no terms were written. */
  openBlock: OpenBlock | null | undefined;
  readonly quarantined = new Set<string>();
  readonly letters: DeadLetter[] = [];
}

/** Events on their way into one projection: documents planned, and those not known in memory being read. */
export interface Prepared {
  readonly stage: Stage;
  readonly events: readonly RecordedEvent[];
  readonly steps: readonly DocumentStep[];
  readonly loading: Promise<void>;
}

interface RowsWork {
  readonly projection: RowsProjection;
  readonly events: readonly RecordedEvent[];
  readonly quarantine: Quarantine;
}

interface TermsWork extends Omit<RowsWork, 'projection'> {
  readonly projection: TermsProjection;
  readonly stage: Stage;
}

interface DocumentsWork {
  readonly projection: DocumentsProjection;
  readonly steps: readonly DocumentStep[];
  readonly quarantine: Quarantine;
  readonly stage: Stage;
}

export interface WriterOptions {
  /** Documents that are remembered between transactions. */
  readonly cachedDocuments: number;
  /** Nothing was ever written to the table but by this writer. */
  readonly emptyTable: boolean;
  /** A table of rows or terms has no key yet: a row that stands there already is not passed over. */
  readonly withoutKey: boolean;
}

/** Events folded in one go: a few milliseconds of the thread that also answers requests. */
const SLICE = 500;

/** Folds events into one table. Remembers documents and quarantined keys between transactions. */
export class ProjectionWriter {
  private readonly sql: TableSql;
  private readonly cache: DocumentCache;
  private quarantined: ReadonlySet<string> = new Set();
  private copies = true;
  private openBlock: OpenBlock | null;

  constructor(
    readonly projection: Projection,
    { cachedDocuments, emptyTable, withoutKey }: WriterOptions,
  ) {
    const { table, kind } = projection;
    const keyed = kind === 'documents' || !withoutKey;
    this.sql = new TableSql(table, { merge: kind === 'documents' ? projection.merge : undefined, keyed });
    this.cache = new DocumentCache(cachedDocuments, emptyTable);
    this.openBlock = emptyTable ? { block: -1, terms: new Set() } : null;
  }

  /** Forgets what others may have changed, and takes over the keys that are quarantined now. */
  reset(quarantined: ReadonlySet<string>): void {
    this.cache.clear();
    this.openBlock = null;
    this.quarantined = quarantined;
  }

  /** Plans the events' documents and asks for those that are not in memory, without waiting for them. */
  prepare(transaction: Transaction, stage: Stage, events: readonly RecordedEvent[]): Prepared {
    const { projection } = this;
    if (projection.kind !== 'documents') return { stage, events, steps: [], loading: Promise.resolve() };
    const steps = planDocuments(projection, events);
    if (projection.merge !== undefined) return { stage, events, steps, loading: Promise.resolve() };
    const loading = this.load(transaction, stage, steps);
    loading.catch(() => undefined);
    return { stage, events, steps, loading };
  }

  /**
   * Folds prepared events and queues what they change; `written` settles with the last of its statements. `inserts`:
   * rows go in by INSERT, which passes over a key that stands there already; otherwise by COPY, which is faster and
   * fails on it. A fold of many events lets others have the thread in between, and PostgreSQL begin meanwhile.
   */
  async fold(
    transaction: Transaction,
    { stage, events, steps, loading }: Prepared,
    inserts: boolean,
  ): Promise<{ written: Promise<unknown> }> {
    await loading;
    const { projection } = this;
    const known = (key: string): boolean => stage.quarantined.has(key) || this.quarantined.has(key);
    const quarantine = new Quarantine(projection, known, stage.quarantined.size + this.quarantined.size);
    const byInsert = inserts || !this.copies;
    const queued =
      projection.kind === 'documents'
        ? await this.queueDocuments(transaction, { projection, steps, quarantine, stage })
        : projection.kind === 'rows'
          ? await this.queueRows(transaction, { projection, events, quarantine }, byInsert)
          : await this.queueTerms(transaction, { projection, events, quarantine, stage }, byInsert);
    const written = queued.written.then(() => {
      for (const key of quarantine.added) stage.quarantined.add(key);
      stage.letters.push(...quarantine.letters);
    });
    written.catch(() => undefined);
    return { written };
  }

  /** Quarantines the key of an event that PostgreSQL refused. */
  refuse(stage: Stage, event: RecordedEvent, error: unknown): void {
    const quarantine = new Quarantine(this.projection, () => false, 0);
    quarantine.add(event, error);
    for (const key of quarantine.added) stage.quarantined.add(key);
    stage.letters.push(...quarantine.letters);
  }

  /** Takes over what a committed transaction changed. */
  confirm(stage: Stage): void {
    for (const [id, row] of stage.documents) this.cache.set(id, row);
    this.cache.trim();
    if (stage.openBlock !== undefined) this.openBlock = stage.openBlock;
    if (stage.quarantined.size > 0) this.quarantined = new Set([...this.quarantined, ...stage.quarantined]);
  }

  private async load(transaction: Transaction, stage: Stage, steps: readonly DocumentStep[]): Promise<void> {
    const missing = new Map<string, readonly string[]>();
    for (const { documents } of steps) {
      for (const { id, key } of documents) {
        if (!stage.documents.has(id) && this.cache.get(id) === undefined) missing.set(id, key);
      }
    }
    if (missing.size === 0) return;
    const keys = this.sql.keyArrays([...missing.values()]);
    const found = await transaction.query(this.sql.load, keys, this.projection.name);
    const ids = [...missing.keys()];
    for (const id of ids) stage.documents.set(id, null);
    const { stored } = this.projection as DocumentsProjection;
    for (const fields of found) {
      const row = this.sql.parse(fields);
      stage.documents.set(idOf(ids, fields), stored === undefined ? row : stored.stateOf(row));
    }
  }

  private async queueRows(
    transaction: Transaction,
    { projection, events, quarantine }: RowsWork,
    inserts: boolean,
  ): Promise<{ written: Promise<unknown> }> {
    const { name } = projection;
    if (inserts) {
      const rows: Row[] = [];
      for await (const slice of slicesOf(events)) rows.push(...foldRows(projection, slice, quarantine));
      if (rows.length === 0) return { written: Promise.resolve() };
      return { written: transaction.query(this.sql.insert, this.sql.columnArrays(rows), name) };
    }
    const { copy, done } = transaction.copy(this.sql.copy, name);
    try {
      for await (const slice of slicesOf(events)) {
        copy.write(this.sql.copyLines(foldRows(projection, slice, quarantine)));
      }
    } finally {
      // The rollback that follows a failure would wait for a COPY that has no end.
      copy.end();
    }
    this.watch(done);
    return { written: done };
  }

  private async queueTerms(
    transaction: Transaction,
    { projection, events, quarantine, stage }: TermsWork,
    inserts: boolean,
  ): Promise<{ written: Promise<unknown> }> {
    const batch = new TermBatch(projection, inserts ? null : this.openBlock);
    for await (const slice of slicesOf(events)) batch.add(slice, quarantine);
    stage.openBlock = inserts ? null : batch.closing();
    const rows = batch.rows();
    if (rows.terms.length === 0) return { written: Promise.resolve() };
    const { name } = projection;
    if (!batch.isNew) return { written: transaction.query(this.sql.insert, termArrays(rows), name) };
    const { copy, done } = transaction.copy(this.sql.copy, name);
    copy.write(termLines(rows));
    copy.end();
    this.watch(done);
    return { written: done };
  }

  /** A projection that repeats keys does so again: from now on it pays for INSERT, and not for each failure. */
  private watch(copied: Promise<unknown>): void {
    copied.catch((error: unknown) => {
      if (sqlState(error) === SQLSTATE.uniqueViolation) this.copies = false;
    });
  }

  private async queueDocuments(
    transaction: Transaction,
    { projection, steps, quarantine, stage }: DocumentsWork,
  ): Promise<{ written: Promise<unknown> }> {
    const changed = new Map<string, DocumentState>();
    const sums = projection.merge !== undefined;
    const known = (id: string) => (stage.documents.has(id) ? stage.documents.get(id) : this.cache.get(id)) ?? null;
    const read = sums ? () => null : known;
    for await (const slice of slicesOf(steps)) foldDocuments(projection, slice, read, { changed, quarantine });
    const { rows, removed } = this.storedRows(transaction, projection, changed.values());
    const { name } = projection;
    const writes: Promise<unknown>[] = [];
    if (rows.length > 0) writes.push(transaction.query(this.sql.merge, this.sql.columnArrays(rows), name));
    if (removed.length > 0) writes.push(transaction.query(this.sql.remove, this.sql.keyArrays(removed), name));
    const written = Promise.all(writes).then(() => {
      if (!sums) for (const [id, { state }] of changed) stage.documents.set(id, state);
    });
    return { written };
  }

  /** Rows of what has changed, and keys of what is gone. A row that does not fit is a refusal like PostgreSQL's own. */
  private storedRows(transaction: Transaction, projection: DocumentsProjection, changed: Iterable<DocumentState>) {
    const rows: Row[] = [];
    const removed: (readonly string[])[] = [];
    try {
      for (const document of changed) {
        if (document.state === null) removed.push(document.key);
        else rows.push(storedRow(projection, document));
      }
    } catch (error) {
      transaction.failedAt ??= projection.name;
      throw error;
    }
    return { rows, removed };
  }
}

function idOf(ids: readonly string[], fields: TextRow): string {
  return ids[Number(fields[0]) - 1] as string;
}

/** Slices of the list, with a turn of the event loop after each but the last. */
async function* slicesOf<T>(list: readonly T[]): AsyncGenerator<readonly T[]> {
  for (let from = 0; from < list.length; from += SLICE) {
    if (from > 0) await nextTurn();
    yield list.length <= SLICE ? list : list.slice(from, from + SLICE);
  }
}
