import type { EventType } from '#libs/contracts';
import { comparePositions, laterPosition, type Position, type RecordedEvent, START } from '#libs/event-log';
import { type Clock, toInstant } from '#libs/kernel';
import type { Pool } from 'pg';
import { type Checkpoint, type Checkpoints, checkpoints } from './checkpoints.js';
import { isRefusedValue } from './database-errors.js';
import { deadLetters } from './dead-letters.js';
import type { DeadLetter } from './fold.js';
import type { Projection } from './projection.js';
import { ProjectionWriter } from './projection-writer.js';
import { Transaction } from './transaction.js';
import { type ApplyManner, type Share, writeBatch } from './write-batch.js';

/** A stretch of the log: its events after `after`, up to and with `next`. */
export interface Stretch {
  readonly after: Position;
  readonly events: readonly RecordedEvent[];
  readonly next: Position;
}

export type Letter = DeadLetter & { readonly projection: string };

export interface Applied {
  readonly checkpoints: Checkpoints;
  /** Dead letters that were written on the way. */
  readonly letters: readonly Letter[];
  /** Takes the changes over into memory; to be called once the transaction is committed, and only then. */
  confirm(): void;
}

export interface LockstepOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly projections: readonly Projection[];
  /** Documents of each projection that are remembered between transactions. */
  readonly cachedDocuments: number;
  /** The tables are empty, and nobody else writes to them. */
  readonly emptyTables?: boolean;
  /** Tables of rows and terms have no key yet that could tell what stands there. */
  readonly withoutKeys?: boolean;
  /** Names of projections that the caller folds, and whose checkpoints go along. */
  readonly alongside?: readonly string[];
  /** Statements for the start of each transaction. */
  readonly settings?: string;
  /** Called first in each transaction; throws when nothing may be applied any more. */
  readonly fence?: (transaction: Transaction) => Promise<void>;
}

/**
 * Advances projections together: per stretch of the log one transaction that locks their checkpoints, writes what the
 * events change, and moves the checkpoints. An event at or before a projection's checkpoint is not given to it, so
 * nothing is applied twice, whoever else works on the same tables.
 */
export class Lockstep {
  readonly names: readonly string[];
  private readonly writers: readonly ProjectionWriter[];
  private readonly takers = new Map<EventType, number[]>();
  private trusted: ReadonlyMap<string, Checkpoint> = new Map();

  constructor(private readonly options: LockstepOptions) {
    const { projections, cachedDocuments, emptyTables = false, withoutKeys = false, alongside = [] } = options;
    const ordered = [...projections].sort((a, b) => turnOf(a) - turnOf(b));
    this.names = [...ordered.map(({ name }) => name), ...alongside];
    const writing = { cachedDocuments, emptyTable: emptyTables, withoutKey: withoutKeys };
    this.writers = ordered.map((projection) => new ProjectionWriter(projection, writing));
    ordered.forEach((projection, i) => {
      for (const type of projection.handles) this.takers.set(type, [...(this.takers.get(type) ?? []), i]);
    });
    // Nothing is quarantined or remembered of empty tables, so their first checkpoint is one to rely on.
    if (emptyTables) this.trusted = new Map(this.names.map((name) => [name, { position: START, generation: '0' }]));
  }

  /**
   * Applies a stretch in a transaction of its own. Projections that have not reached `after` are left alone.
   * Throws what the database throws; nothing was applied then, unless the connection broke during the commit.
   * `meanwhile` is called when all that the events change is on its way to the database; in every attempt.
   */
  async apply(stretch: Stretch, meanwhile?: () => Promise<unknown>): Promise<Applied> {
    const careful = new Set<string>();
    for (;;) {
      const transaction = await Transaction.begin(this.options.pool, this.options.settings);
      let applied: Applied;
      try {
        applied = await this.applyIn(transaction, stretch, { careful, meanwhile });
      } catch (error) {
        const refusing = transaction.failedAt;
        await transaction.rollback();
        if (!isRefusedValue(error) || !refusing || careful.has(refusing)) throw error;
        careful.add(refusing);
        continue;
      }
      await transaction.commit();
      applied.confirm();
      return applied;
    }
  }

  /** Applies a stretch within a transaction of the caller, who commits and then calls `confirm`. */
  async applyIn(
    transaction: Transaction,
    stretch: Stretch,
    { careful = new Set(), meanwhile }: ApplyManner = {},
  ): Promise<Applied> {
    const { clock, fence } = this.options;
    // Before the checkpoints are locked: who has lost its turn must not build on them, nor keep others from them.
    await fence?.(transaction);
    const instant = toInstant(clock.now());
    const found = await checkpoints.lock(transaction, this.names, instant);
    await this.forgetChanged(transaction, found);
    const written = await writeBatch(transaction, this.share(stretch, found), { careful, meanwhile });

    const letters = written.flatMap(({ writer, stage }) =>
      stage.letters.map((letter) => ({ ...letter, projection: writer.projection.name })),
    );
    await deadLetters.insert(transaction, letters, instant);
    const moving = this.names.filter((name) => {
      const { position } = found.get(name) as Checkpoint;
      return comparePositions(position, stretch.after) >= 0 && comparePositions(position, stretch.next) < 0;
    });
    if (moving.length > 0) await checkpoints.advance(transaction, moving, { position: stretch.next, instant });

    const after = new Map(found);
    for (const name of moving) after.set(name, { ...(found.get(name) as Checkpoint), position: stretch.next });
    const confirm = (): void => {
      for (const { writer, stage } of written) writer.confirm(stage);
      this.trusted = after;
    };
    return { checkpoints: after, letters, confirm };
  }

  /** Drops what is remembered of projections whose checkpoint is not the one that this object committed last. */
  private async forgetChanged(transaction: Transaction, found: Checkpoints): Promise<void> {
    const changed = this.writers.filter(({ projection: { name } }) => {
      const [trusted, now] = [this.trusted.get(name), found.get(name)];
      return trusted?.position !== now?.position || trusted?.generation !== now?.generation;
    });
    if (changed.length === 0) return;
    const names = changed.map(({ projection }) => projection.name);
    const quarantined = await deadLetters.quarantined(transaction, names);
    for (const writer of changed) writer.reset(quarantined.get(writer.projection.name) ?? new Set());
    this.trusted = found;
  }

  private share({ after, events }: Stretch, found: Checkpoints): Share[] {
    const shares = this.writers.map((writer) => {
      const { position } = found.get(writer.projection.name) as Checkpoint;
      const lags = comparePositions(position, after) < 0;
      return { writer, events: [] as RecordedEvent[], from: laterPosition(position, after), lags };
    });
    let last = after;
    for (const event of events) {
      // A log that delivers an event twice must not have it counted twice.
      if (comparePositions(event.position, last) <= 0) continue;
      last = event.position;
      for (const i of this.takers.get(event.type) ?? []) {
        const share = shares[i] as (typeof shares)[number];
        if (!share.lags && comparePositions(event.position, share.from) > 0) share.events.push(event);
      }
    }
    return shares.filter((share) => share.events.length > 0);
  }
}

/**
 * Sums are not read before they are folded, and are the most work for PostgreSQL: they come first, so that it works while
 * the others are folded. Documents that may have to be read come last, when it has been told of all else.
 */
function turnOf(projection: Projection): number {
  if (projection.kind !== 'documents') return 1;
  return projection.merge === undefined ? 2 : 0;
}
