import { comparePositions, type EventLog, formatPosition, type Position, START } from '#libs/event-log';
import { assert, type Clock, toInstant } from '#libs/kernel';
import type { Pool } from 'pg';
import { backOffMs, pause } from './back-off.js';
import { BulkLoad } from './bulk-load.js';
import { checkpoints, frontOf } from './checkpoints.js';
import { isRefusedValue, isTransient } from './database-errors.js';
import { deadLetters } from './dead-letters.js';
import { Lockstep, type Stretch } from './lockstep.js';
import { isEnd, LogFeed } from './log-feed.js';
import type { Projection } from './projection.js';
import type { RebuildLock } from './rebuild-lock.js';
import {
  completeShadow,
  createShadow,
  describeTable,
  type FirstIndexes,
  shadowName,
  swapShadow,
  type TableDefinition,
} from './shadow-table.js';
import { removeLeftOvers } from './start-up.js';
import { qualified } from './table-sql.js';
import { inTransaction, Transaction } from './transaction.js';

export interface RebuildProgress {
  readonly phase: 'filling' | 'indexing' | 'switching';
  /** Events read so far. */
  readonly events: number;
  readonly position: Position;
}

export interface RebuildOptions {
  readonly log: EventLog;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly projections: readonly Projection[];
  /** Names of all projections that advance together, rebuilt now or not. */
  readonly allNames: readonly string[];
  readonly lock: RebuildLock;
  readonly batchSize: number;
  readonly cachedDocuments: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RebuildProgress) => void;
  readonly onRetry: (error: unknown, failures: number, delayMs: number) => void;
}

/** Rebuilds the tables of projections; the number of events that were read. Leaves its copies behind when it throws. */
export async function rebuildTables(options: RebuildOptions): Promise<number> {
  try {
    return await new Rebuild(options, 'quick').run();
  } catch (error) {
    if (!isRefusedValue(error)) throw error;
  }
  // What was written or made last was refused, an index or a document: the live table has refused an event.
  await removeLeftOvers(options.pool);
  return new Rebuild(options, 'careful').run();
}

/**
 * `quick`: documents are written and indexes are made when all else stands. `careful`: each batch is written to tables
 * as the live ones are, so that what they refuse costs the event that brought it.
 */
type Manner = 'quick' | 'careful';

/** Events that may be left to apply while the live projections stand still for the switch. */
const SWITCH_EVENTS_MAX = 10_000;
/** As long as all documents of a copy are in memory, none is ever read. */
const CACHE_FACTOR = 4;
const SWITCH_SETTINGS = "SET LOCAL lock_timeout = '2s'";
// What a crash of the database takes is made again: the copies are filled from the start then.
const FILL_SETTINGS = 'SET LOCAL synchronous_commit = off';
/** Memory for the sort that an index is built from. */
const INDEX_SETTINGS = "SET LOCAL maintenance_work_mem = '256MB'";

/**
 * Fills copies of tables beside the live ones, from the first event on and by the same handlers, and puts them in the
 * place of the live ones in one transaction. A crash of the process, or of the database, changes nothing that is live.
 */
class Rebuild {
  /** Events read so far. */
  private events = 0;
  private readonly projections: readonly Projection[];
  private readonly lockstep: Lockstep;
  /** Applies the log to begin with; null: the lockstep does. */
  private load: BulkLoad | null;
  private definitions: readonly TableDefinition[] = [];
  private position: Position = START;

  constructor(
    private readonly options: RebuildOptions,
    private readonly manner: Manner,
  ) {
    this.projections = options.projections.map(shadowOf);
    const { projections } = this;
    const cachedDocuments = options.cachedDocuments * CACHE_FACTOR;
    const filling = { ...options, projections, cachedDocuments, settings: FILL_SETTINGS };
    this.load = manner === 'quick' ? new BulkLoad(filling) : null;
    this.lockstep = new Lockstep({ ...filling, emptyTables: manner === 'careful' });
  }

  /** The number of events that were read. */
  async run(): Promise<number> {
    await this.insist(() => this.create());
    await this.fill();
    this.report('indexing');
    await this.insist(() => this.finish());
    do await this.fill();
    while (!(await this.insist(() => this.switchOver())));
    return this.events;
  }

  private async create(): Promise<void> {
    const { pool, clock, projections } = this.options;
    this.definitions = await inTransaction(pool, async (transaction) => {
      const definitions: TableDefinition[] = [];
      for (const { table } of projections) definitions.push(await describeTable(transaction, table.name));
      for (const [i, definition] of definitions.entries()) {
        await createShadow(transaction, definition, this.firstIndexes(projections[i] as Projection));
      }
      await checkpoints.lock(transaction, this.lockstep.names, toInstant(clock.now()));
      return definitions;
    });
  }

  private firstIndexes(projection: Projection): FirstIndexes {
    if (this.manner === 'careful') return 'all';
    return BulkLoad.needsKey(projection) ? 'unique' : 'none';
  }

  /** Applies the log until there is little left of it. */
  private async fill(): Promise<void> {
    const { log, batchSize } = this.options;
    const feed = new LogFeed(log, this.position);
    for (let nearEnd = false; !nearEnd;) {
      const stretch = await this.insist(() => feed.next(batchSize));
      await this.apply(stretch);
      if (this.load?.isFull === true) await this.endLoad(this.load);
      nearEnd = stretch.events.length < batchSize / 2;
      this.report('filling');
    }
    if (this.load !== null) await this.endLoad(this.load);
  }

  private async apply(stretch: Stretch): Promise<void> {
    if (isEnd(stretch)) return;
    const target = this.load ?? this.lockstep;
    await this.insist<unknown>(() => target.apply(stretch));
    this.position = stretch.next;
    this.events += stretch.events.length;
  }

  private async endLoad(load: BulkLoad): Promise<void> {
    await this.insist(() => this.untilAborted((transaction) => load.end(transaction, this.definitions)));
    this.load = null;
  }

  private async finish(): Promise<void> {
    await this.untilAborted(async (transaction) => {
      for (const definition of this.definitions) {
        if (this.manner === 'quick') await completeShadow(transaction, definition);
        // The planner must know the new table by the time that the first query meets it.
        await transaction.query(`ANALYZE ${qualified(shadowName(definition.table))}`);
      }
    });
  }

  /** Work that may take minutes, in a transaction; broken off when the rebuild is called off. */
  private async untilAborted(work: (transaction: Transaction) => Promise<void>): Promise<void> {
    const { pool, signal } = this.options;
    await inTransaction(
      pool,
      async (transaction) => {
        const cancel = (): void => void transaction.cancel(pool);
        signal.addEventListener('abort', cancel);
        try {
          await work(transaction);
        } finally {
          signal.removeEventListener('abort', cancel);
        }
      },
      INDEX_SETTINGS,
    );
  }

  /**
   * Puts the copies in place, unless the live projections have come too far for it: false then. All checkpoints stay
   * locked meanwhile, so the live projections stand still and go on from where the copies are.
   */
  private async switchOver(): Promise<boolean> {
    const { pool, clock, allNames } = this.options;
    this.report('switching');
    const transaction = await Transaction.begin(pool, SWITCH_SETTINGS);
    let ready: boolean;
    try {
      const live = await checkpoints.lock(transaction, allNames, toInstant(clock.now()));
      if ((await checkpoints.read(transaction, this.lockstep.names)).size === 0) {
        // The answer to an earlier commit was lost, but it had been made: the copies are in place.
        await transaction.rollback();
        return true;
      }
      const reached = await this.catchUpIn(transaction, frontOf(live));
      ready = reached !== undefined;
      if (reached !== undefined) await this.replace(transaction, reached);
    } catch (error) {
      await transaction.rollback();
      // The refused value is met again by `fill`, which can undo a transaction to find it.
      if (isRefusedValue(error)) return false;
      throw error;
    }
    if (ready) await transaction.commit();
    else await transaction.rollback();
    return ready;
  }

  /** Applies what is left up to `front`, or a little more. The position of the copies; undefined when it is too much. */
  private async catchUpIn(transaction: Transaction, front: Position): Promise<Position | undefined> {
    let position = this.position;
    let events = 0;
    while (comparePositions(position, front) < 0) {
      if (events >= SWITCH_EVENTS_MAX) return undefined;
      const batch = await this.options.log.readAll({ after: position, limit: this.options.batchSize });
      assert(
        comparePositions(batch.next, position) > 0,
        `the log ends at ${formatPosition(position)}, before the read models`,
      );
      await this.lockstep.applyIn(transaction, { after: position, ...batch });
      position = batch.next;
      events += batch.events.length;
    }
    return position;
  }

  private async replace(transaction: Transaction, position: Position): Promise<void> {
    const { clock, projections } = this.options;
    const names = projections.map(({ name }) => name);
    for (const definition of this.definitions) {
      const now = await describeTable(transaction, definition.table);
      assert(now.signature === definition.signature, `table ${definition.table} was altered during its rebuild`);
      await swapShadow(transaction, definition);
    }
    await deadLetters.removeAll(transaction, names);
    for (const name of names) await deadLetters.rename(transaction, shadowName(name), name);
    await checkpoints.advance(transaction, names, { position, instant: toInstant(clock.now()) });
    await checkpoints.invalidate(transaction, names);
    await checkpoints.remove(transaction, this.lockstep.names);
  }

  /** Repeats `work` while the database or the log is away; throws anything else, and when the rebuild is called off. */
  private async insist<T>(work: () => Promise<T>): Promise<T> {
    const { signal, lock, onRetry } = this.options;
    for (let failures = 1; ; failures += 1) {
      signal.throwIfAborted();
      lock.check();
      try {
        return await work();
      } catch (error) {
        if (!isTransient(error)) throw error;
        const delayMs = backOffMs(failures);
        onRetry(error, failures, delayMs);
        await pause(delayMs, signal);
      }
    }
  }

  private report(phase: RebuildProgress['phase']): void {
    this.options.onProgress({ phase, events: this.events, position: this.position });
  }
}

function shadowOf(projection: Projection): Projection {
  return {
    ...projection,
    name: shadowName(projection.name),
    table: { ...projection.table, name: shadowName(projection.table.name) },
  };
}
