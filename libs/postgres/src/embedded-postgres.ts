import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, openCluster, resolveDataDir } from './cluster.js';
import { connectionString } from './connection-string.js';
import { DataDirectoryInUse, explainFileError } from './embedded-postgres-error.js';
import { initCluster } from './init-cluster.js';
import { DATABASE_NAME, launchPostmaster, type RunningPostmaster } from './launch-postmaster.js';
import { OwnerFile } from './owner-file.js';
import { OwnerSession } from './owner-session.js';
import { postmasterSettings } from './postmaster-settings.js';
import { removeSocketDirectory } from './socket-directory.js';
import type { PostmasterExit } from './spawn-postmaster.js';
import { stopPostmaster } from './stop-postmaster.js';

/** A server that was killed ends a moment after its connections break. */
const COLLECT_MS = 50;

export interface EmbeddedPostgresOptions {
  /** The data directory of PostgreSQL itself; made on the first start. Files named `<dataDir>.*` beside it are ours. */
  dataDir: string;
  /** Takes each line of the server's log and of the supervisor's, without a newline. Nothing is logged without it. */
  log?: (line: string) => void;
  /** Settings of the server, as in postgresql.conf; durability and the listening address cannot be changed. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * A PostgreSQL server of the ledger's own, reachable through a private unix socket only. It runs in its own process
 * group, survives the death of this process, and is taken over by the next ledger that starts on the same directory.
 */
export class EmbeddedPostgres {
  private readonly exitListeners: ((exit: PostmasterExit) => void)[] = [];
  private restarting: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  /** Set when the server has ended, or belongs to somebody else by now. */
  private lost: 'ended' | 'taken' | undefined;

  private constructor(
    private readonly cluster: Cluster,
    private readonly settings: Readonly<Record<string, string>>,
    private readonly ownerFile: OwnerFile,
    private running: RunningPostmaster,
  ) {
    void this.watch(running);
  }

  /**
   * Makes the data directory when there is none, starts the server or takes over one that a killed ledger left, and
   * waits until it answers; after a crash that includes its recovery.
   *
   * @throws DataDirectoryInUse when another ledger works on the directory; EmbeddedPostgresError, whose message says
   * what to do, when it cannot start here.
   */
  static async start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const settings = postmasterSettings(options.settings ?? {});
    let ownerFile: OwnerFile | undefined;
    try {
      const dataDir = await resolveDataDir(options.dataDir);
      ownerFile = await OwnerFile.acquire(dataDir);
      const cluster = await openCluster(dataDir, options.log ?? (() => undefined));
      await initCluster(cluster);
      return new EmbeddedPostgres(cluster, settings, ownerFile, await launchPostmaster(cluster, settings));
    } catch (error) {
      await ownerFile?.release();
      throw explainFileError(options.dataDir, error);
    }
  }

  /** URL of the database `ledger` for node-postgres and what builds on it. Stays the same over `restart`. */
  get connectionString(): string {
    return connectionString(this.running.postmaster.socketDirectory, DATABASE_NAME);
  }

  /** Process id of the postmaster. */
  get pid(): number {
    return this.running.postmaster.pid;
  }

  /** True when the server was started by an earlier ledger; its log cannot be captured then. */
  get adopted(): boolean {
    return this.running.adopted;
  }

  /**
   * Calls `listener` when the server has ended without `stop`, once per end. Every connection to it is lost by then;
   * the caller either calls `restart` or gives up and calls `stop`.
   */
  onExit(listener: (exit: PostmasterExit) => void): void {
    this.exitListeners.push(listener);
  }

  /**
   * Starts the server again after it ended; recovery brings back all that was committed. Does nothing while it runs.
   * @throws what `start` throws.
   */
  async restart(): Promise<void> {
    if (this.stopping) throw new Error('restart() was called after stop()');
    if (this.lost === undefined) return;
    this.restarting ??= this.restartOnce().finally(() => (this.restarting = undefined));
    await this.restarting;
  }

  /** Stops the server, adopted or not, and lets go of the directory. Call it last: connections that are open end. */
  stop(): Promise<void> {
    this.stopping ??= this.stopOnce();
    return this.stopping;
  }

  private async restartOnce(): Promise<void> {
    this.running = await launchPostmaster(this.cluster, this.settings, this.running.postmaster.socketDirectory);
    this.lost = undefined;
    void this.watch(this.running);
  }

  private async stopOnce(): Promise<void> {
    await this.restarting?.catch(() => undefined);
    const { postmaster, session, isRunning } = this.running;
    // The session ends with the server: the lock is held until nothing is left to be guarded.
    if (this.lost !== 'taken') await stopPostmaster(postmaster.pid, isRunning);
    await session.close();
    await removeSocketDirectory(postmaster.socketDirectory, this.cluster.dataDir);
    await this.ownerFile.release();
  }

  /** Follows one server to its end. The session is lost too when the server only resets itself after a crash inside. */
  private async watch(running: RunningPostmaster): Promise<void> {
    for (;;) {
      await running.session.ended;
      if (this.stopping) return;
      await delay(COLLECT_MS);
      const lost = running.isRunning() ? await this.reopen(running) : 'ended';
      if (lost === undefined) continue;
      if (this.stopping) return;
      this.lost = lost;
      this.exitListeners.forEach((listener) => listener(running.exit()));
      return;
    }
  }

  private async reopen(running: RunningPostmaster): Promise<'ended' | 'taken' | undefined> {
    try {
      running.session = await OwnerSession.open(running.postmaster, this.cluster.dataDir, running.isRunning);
      return undefined;
    } catch (error) {
      this.cluster.log(`lost the PostgreSQL server: ${(error as Error).message}`);
      return error instanceof DataDirectoryInUse ? 'taken' : 'ended';
    }
  }
}
