import { refuse } from '#libs/contracts';
import type { EventLog, Position } from '#libs/event-log';
import { assert, type Clock, toInstant } from '#libs/kernel';
import type { Pool } from 'pg';
import { backOffMs, pause } from './back-off.js';
import { CheckpointWatch } from './checkpoint-watch.js';
import { Follower } from './follower.js';
import type { FollowingThread } from './following-thread.js';
import { HandedOver } from './handed-over.js';
import { Lockstep } from './lockstep.js';
import { PositionWaiters } from './position-waiters.js';
import type { Projection } from './projection.js';
import type { Reporter } from './projection-report.js';
import { type ProjectionStatus, readStatus } from './projection-status.js';
import { ProjectorTurns } from './projector-turns.js';
import { type RebuildProgress, rebuildTables } from './rebuild.js';
import { RebuildLock } from './rebuild-lock.js';
import { retryDeadLetters, type RetryResult } from './retry-dead-letters.js';
import { prepareTables, removeLeftOvers, removeLeftOversUnlessRebuilding } from './start-up.js';

export interface ProjectionEngineOptions {
  readonly log: EventLog;
  /** The engine holds one connection while it applies a batch, and two while it rebuilds. */
  readonly pool: Pool;
  readonly clock: Clock;
  readonly projections: readonly Projection[];
  /** Events per transaction to begin with; grows and shrinks with the time that they take. Default 3000. */
  readonly batchSize?: number;
  /** Documents of each projection that are remembered between transactions. Default 20,000. */
  readonly cachedDocuments?: number;
  /** How long events may gather before they are applied, unless somebody waits for them in this process. Default 600. */
  readonly gatherMs?: number;
  /** Takes turns with the engines of other processes: one follows the log, the others stand by. Absent: it always follows. */
  readonly standby?: StandbyOptions;
  /** Follows the log in its stead, in a thread of its own, as soon and as long as that is up. */
  readonly thread?: FollowingThread;
  readonly report?: Reporter;
}

export interface StandbyOptions {
  /** Names this process among those that take turns. The connections of `pool` must be named `sessionNameOf(holder)`. */
  readonly holder: string;
  /** How long the one that follows is waited for when it is not heard of. Default 5000. */
  readonly leaseMs?: number;
}

export interface RebuildResult {
  readonly projections: readonly string[];
  /** Events that were read. */
  readonly events: number;
  readonly durationMs: number;
}

export interface RebuildCall {
  readonly onProgress?: (progress: RebuildProgress) => void;
  readonly signal?: AbortSignal;
}

const BATCH_SIZE = 3000;
const GATHER_MS = 600;
const LEASE_MS = 5_000;
const CACHED_DOCUMENTS = 20_000;
/** A rebuild holds nobody up, and a larger batch writes each document less often. */
const REBUILD_BATCHES = 4;
const FILL_AGAIN_MS = 10_000;

/**
 * Keeps the read models at the end of the log, tells how far they are, and rebuilds them. Any number of engines may
 * work on one database; also one that was never started can tell, wait, retry and rebuild.
 */
export class ProjectionEngine {
  private readonly options: Required<Omit<ProjectionEngineOptions, 'standby' | 'thread'>>;
  private readonly turns: ProjectorTurns | null;
  private readonly handedOver: HandedOver | null;
  private readonly waiters = new PositionWaiters();
  private readonly follower: Follower;
  private readonly names: readonly string[];
  private readonly checkpoints: CheckpointWatch;
  private stopping = new AbortController();
  private running: Promise<void> | undefined;
  private following = false;
  private rebuilding: Promise<RebuildResult> | undefined;
  private filling: Promise<void> | undefined;

  constructor({ standby, thread, ...options }: ProjectionEngineOptions) {
    const defaults = { batchSize: BATCH_SIZE, cachedDocuments: CACHED_DOCUMENTS, gatherMs: GATHER_MS };
    this.options = { ...defaults, report: () => undefined, ...options };
    this.names = options.projections.map(({ name }) => name);
    assert(new Set(this.names).size === this.names.length, 'two projections have the same name');
    const { pool, report } = this.options;
    this.turns = standby === undefined ? null : new ProjectorTurns({ leaseMs: LEASE_MS, ...standby, pool, report });
    this.handedOver = thread === undefined ? null : this.handedOverTo(thread);
    this.checkpoints = new CheckpointWatch({ pool, names: this.names, waiters: this.waiters, report });
    const fence = this.turns?.fence;
    const lockstep = new Lockstep({ ...this.options, ...(fence === undefined ? {} : { fence }) });
    const onNewcomers = (names: readonly string[]): void => this.fill(names);
    this.follower = new Follower({ ...this.options, lockstep, waiters: this.waiters, onNewcomers });
  }

  /**
   * Makes checkpoints, removes what a killed rebuild left, and begins to follow the log. Throws when it cannot. An engine
   * that takes turns does so in each of them, and only stands by to begin with.
   */
  async start(): Promise<void> {
    assert(this.running === undefined, 'the projection engine is running already');
    this.stopping = new AbortController();
    const { signal } = this.stopping;
    if (this.turns !== null) {
      this.running = this.turns.run(signal, (turn) => this.takeTurn(turn));
      return;
    }
    await this.prepare();
    if (this.handedOver === null) this.running = this.follow(signal);
    else this.handedOver.start(signal);
  }

  /** How far the read models are known to be here; `waitFor` finds out more. */
  get reached(): Position {
    return this.waiters.reached;
  }

  /** Whether this engine applies what stands in the log, or leaves it to another. */
  get isFollowing(): boolean {
    return this.following;
  }

  /** The turn under way of this process, where it takes turns; null while it stands by, or always follows. */
  get turn(): string | null {
    return this.following ? (this.turns?.epoch ?? null) : null;
  }

  /** Stops after the batch under way, and calls off a rebuild of this engine. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.handedOver?.stop();
    if (this.handedOver !== null) this.changeFollowing(false);
    await this.running;
    this.running = undefined;
    await this.rebuilding?.catch(() => undefined);
    await this.filling;
  }

  /** Applies what stands in the log by now. Throws what fails when the engine was not started. */
  async catchUp(): Promise<void> {
    if (this.following) {
      await this.waitFor((await this.options.log.heads()).all, null);
      return;
    }
    await prepareTables(this.options.pool, this.options.projections, toInstant(this.options.clock.now()));
    await this.follower.catchUp();
  }

  /**
   * Resolves true as soon as all live projections have committed everything up to `position`, false when they have
   * not within `timeoutMs` (null: however long it takes); with 0 it answers at once. Costs nothing where this engine
   * follows the log; otherwise the checkpoints are asked, every 20 ms. Never throws: while the database is away nothing is
   * reached.
   */
  async waitFor(position: Position, timeoutMs: number | null): Promise<boolean> {
    if (this.waiters.has(position)) return true;
    if (timeoutMs !== null && timeoutMs <= 0) {
      if (!this.following || this.handedOver !== null) await this.checkpoints.look();
      return this.waiters.has(position);
    }
    const waiting = this.waiters.wait(position, timeoutMs);
    if (!this.following) void this.poll();
    else this.handedOver?.expect(position);
    return waiting;
  }

  /** Where every projection stands, in the order they were given. */
  status(): Promise<ProjectionStatus[]> {
    return readStatus(this.options, this.names);
  }

  /** Folds the dead letters of a projection again, once its handler has been mended. `not_found`: no such projection. */
  async retryDeadLetters(name: string): Promise<RetryResult> {
    return retryDeadLetters({ ...this.options, projection: this.named(name) });
  }

  /**
   * Fills new tables beside the live ones from the first event on, and puts them in their place when they have caught
   * up. Refused with `conflict` while another rebuild is under way in the database, with `not_found` for a name that
   * there is not. When it fails or is called off, nothing has changed.
   */
  async rebuild(names: readonly string[] = this.names, call: RebuildCall = {}): Promise<RebuildResult> {
    const projections = names.map((name) => this.named(name));
    const lock = await RebuildLock.acquire(this.options.pool);
    const rebuilding = this.rebuildUnder(lock, projections, call).finally(() => lock.release());
    this.rebuilding = rebuilding;
    try {
      const result = await rebuilding;
      this.options.report({ kind: 'rebuilt', ...result });
      return result;
    } catch (error) {
      this.options.report({ kind: 'rebuildFailed', projections: names, error });
      throw error;
    } finally {
      this.rebuilding = undefined;
    }
  }

  private async prepare(): Promise<void> {
    const { pool, projections, clock } = this.options;
    await removeLeftOversUnlessRebuilding(pool);
    await prepareTables(pool, projections, toInstant(clock.now()));
  }

  private async follow(signal: AbortSignal): Promise<void> {
    this.changeFollowing(true);
    await this.follower.run(signal);
    this.changeFollowing(false);
  }

  /** As long as a thread may take over or give back, somebody follows the log. */
  private handedOverTo(thread: FollowingThread): HandedOver {
    const onReached = (position: Position): void => this.waiters.reach(position);
    const followHere = (signal: AbortSignal): Promise<void> => {
      this.following = true;
      return this.follower.run(signal);
    };
    return new HandedOver({ thread, onReached, followHere, report: this.options.report });
  }

  private changeFollowing(isFollowing: boolean): void {
    this.following = isFollowing;
    // Whoever still waits is told by the checkpoints, which another moves on.
    if (!isFollowing && this.waiters.size > 0) void this.poll();
  }

  private async takeTurn(turn: AbortSignal): Promise<void> {
    for (let failures = 1; !turn.aborted; failures += 1) {
      try {
        await this.prepare();
        return await this.follow(turn);
      } catch (error) {
        const delayMs = backOffMs(failures);
        this.options.report({ kind: 'retrying', activity: 'apply', error, failures, delayMs });
        await pause(delayMs, turn);
      }
    }
  }

  private async rebuildUnder(
    lock: RebuildLock,
    projections: readonly Projection[],
    { signal, onProgress = () => undefined }: RebuildCall,
  ): Promise<RebuildResult> {
    const { pool, report, batchSize } = this.options;
    const started = performance.now();
    const stopped = this.stopping.signal;
    const options = {
      ...this.options,
      projections,
      allNames: this.names,
      lock,
      batchSize: batchSize * REBUILD_BATCHES,
      signal: signal === undefined ? stopped : AbortSignal.any([stopped, signal]),
      onProgress,
      onRetry: (error: unknown, failures: number, delayMs: number) =>
        report({ kind: 'retrying', activity: 'rebuild', error, failures, delayMs }),
    };
    try {
      await removeLeftOvers(pool);
      const events = await rebuildTables(options);
      const names = projections.map(({ name }) => name);
      return { projections: names, events, durationMs: performance.now() - started };
    } catch (error) {
      // The next start removes them, should the database be away now.
      await removeLeftOvers(pool).catch(() => undefined);
      throw error;
    }
  }

  /** Fills new projections by a rebuild of their own, so that the others need not wait for them. */
  private fill(names: readonly string[]): void {
    if (this.filling !== undefined) return;
    const { signal } = this.stopping;
    // It is tried again, later, when it fails or when another rebuild is under way, perhaps the same in another process.
    this.filling = this.rebuild(names)
      .then(
        () => undefined,
        () => pause(FILL_AGAIN_MS, signal),
      )
      .finally(() => {
        this.filling = undefined;
      });
  }

  private async poll(): Promise<void> {
    await this.checkpoints.poll(this.stopping.signal, () => !this.following);
  }

  private named(name: string): Projection {
    const found = this.options.projections.find((projection) => projection.name === name);
    if (found === undefined) throw refuse('not_found', { detail: `There is no projection ${name}.` });
    return found;
  }
}
