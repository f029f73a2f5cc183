import { type Clock, toInstant } from '#libs/kernel';
import type { Pool } from 'pg';
import { type Checkpoint, checkpoints } from './checkpoints.js';
import { deadLetters } from './dead-letters.js';
import { DeferredDocuments, isDeferrable } from './deferred-documents.js';
import { Lockstep, type Stretch } from './lockstep.js';
import type { Projection } from './projection.js';
import { completeKeys, type TableDefinition } from './shadow-table.js';
import type { Transaction } from './transaction.js';

export interface BulkLoadOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly projections: readonly Projection[];
  /** Documents of each projection that may be kept in memory. */
  readonly cachedDocuments: number;
  /** Statements for the start of each transaction. */
  readonly settings: string;
}

/**
 * Fills empty tables that nobody else knows from the first event on. Rows and sums are written stretch by stretch;
 * documents stay in memory and are written at the end, once each; so are the keys made of what nothing can stand in
 * twice, since an index is built faster than it is kept up. A row that a key refuses then fails the load as a whole.
 */
export class BulkLoad {
  private readonly lockstep: Lockstep;
  private readonly deferred: readonly DeferredDocuments[];
  private under: { readonly stretch: Stretch; readonly folded: Promise<unknown> } | undefined;

  constructor(private readonly options: BulkLoadOptions) {
    const { projections } = options;
    this.deferred = projections.filter(isDeferrable).map((projection) => new DeferredDocuments(projection));
    this.lockstep = new Lockstep({
      ...options,
      projections: projections.filter((projection) => !isDeferrable(projection)),
      alongside: this.deferred.map(({ projection }) => projection.name),
      emptyTables: true,
      withoutKeys: true,
    });
  }

  /** True for a projection whose table must have its key before the first row. */
  static needsKey(projection: Projection): boolean {
    return projection.kind === 'documents' && !isDeferrable(projection);
  }

  /** True when no more documents should be kept in memory: the load is to be ended. */
  get isFull(): boolean {
    return this.deferred.some(({ size }) => size > this.options.cachedDocuments);
  }

  /** Applies the next stretch of the log; again, when the database was away. Documents are folded while it writes. */
  async apply(stretch: Stretch): Promise<void> {
    const fold = (): Promise<unknown> => this.foldOnce(stretch);
    await this.lockstep.apply(stretch, fold);
    await fold();
  }

  /** Writes the documents and makes the keys; may be repeated when it is not known whether it was done. */
  async end(transaction: Transaction, definitions: readonly TableDefinition[]): Promise<void> {
    const { names } = this.lockstep;
    const instant = toInstant(this.options.clock.now());
    const found = await checkpoints.lock(transaction, names, instant);
    if (![...found.values()].every(isFirst)) return;
    await Promise.all(this.deferred.map((documents) => documents.write(transaction)));
    const letters = this.deferred.flatMap((documents) => documents.letters);
    await deadLetters.insert(transaction, letters, instant);
    for (const definition of definitions) await completeKeys(transaction, definition);
    await checkpoints.invalidate(transaction, names);
  }

  /** A stretch whose transaction failed is applied again, but what it has changed in memory stands. */
  private foldOnce(stretch: Stretch): Promise<unknown> {
    if (this.under?.stretch !== stretch) {
      const folded = this.foldAll(stretch);
      folded.catch(() => undefined);
      this.under = { stretch, folded };
    }
    return this.under.folded;
  }

  private async foldAll({ events }: Stretch): Promise<void> {
    for (const documents of this.deferred) await documents.fold(events);
  }
}

/** The generation changes with the end of the load. */
const isFirst = ({ generation }: Checkpoint): boolean => generation === '0';
