import type { Pool } from 'pg';
import { backOffMs, pause } from './back-off.js';
import { LeaseLost, ProjectorLease } from './projector-lease.js';
import type { Reporter } from './projection-report.js';
import type { Transaction } from './transaction.js';

export interface ProjectorTurnsOptions {
  readonly pool: Pool;
  /** Names this process among those that want the lease; its connections are named after it (`sessionNameOf`). */
  readonly holder: string;
  /** How long a lease lasts that is not renewed. */
  readonly leaseMs: number;
  readonly report: Reporter;
}

/** Of a lease, after which it is renewed; several may fail before it lapses. */
const RENEWALS_PER_LEASE = 5;
const LOOKS_PER_LEASE = 10;

/** Waits for the lease, keeps it while its holder works, and says when it is lost. */
export class ProjectorTurns {
  private lease: ProjectorLease | null = null;

  constructor(private readonly options: ProjectorTurnsOptions) {}

  /** The number of the turn under way; null while this process stands by. */
  get epoch(): string | null {
    return this.lease?.epoch ?? null;
  }

  /** Throws LeaseLost unless this process has a turn, and keeps it until the end of the transaction. */
  readonly fence = async (transaction: Transaction): Promise<void> => {
    if (this.lease === null) throw new LeaseLost('none');
    await this.lease.fence(transaction);
  };

  /** Runs `work` in each turn of this process, until the signal is aborted. `work` ends soon after its own signal is. */
  async run(signal: AbortSignal, work: (turn: AbortSignal) => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      const lease = await this.acquire(signal);
      if (lease === null) return;
      const lost = new AbortController();
      const renewing = new AbortController();
      this.lease = lease;
      this.options.report({ kind: 'turnBegan', epoch: lease.epoch });
      const renewals = this.renew(lease, renewing.signal, lost);
      try {
        await work(AbortSignal.any([signal, lost.signal]));
      } finally {
        this.lease = null;
        renewing.abort();
        await renewals;
      }
      this.options.report({ kind: 'turnEnded', epoch: lease.epoch, isLost: lost.signal.aborted });
      if (!lost.signal.aborted) await lease.release().catch(() => undefined);
    }
  }

  private async acquire(signal: AbortSignal): Promise<ProjectorLease | null> {
    const { pool, holder, leaseMs } = this.options;
    for (let failures = 0; !signal.aborted;) {
      try {
        const lease = await ProjectorLease.tryAcquire(pool, holder, leaseMs);
        if (lease !== null) return lease;
        failures = 0;
        await pause(leaseMs / LOOKS_PER_LEASE, signal);
      } catch (error) {
        failures += 1;
        await this.retry(error, failures, signal);
      }
    }
    return null;
  }

  /** Until it is told to end, or another has the lease. While the database is away nothing is lost: nothing is applied. */
  private async renew(lease: ProjectorLease, signal: AbortSignal, lost: AbortController): Promise<void> {
    const { leaseMs } = this.options;
    for (let failures = 0; !signal.aborted;) {
      await pause(leaseMs / RENEWALS_PER_LEASE, signal);
      if (signal.aborted) return;
      try {
        if (!(await lease.renew())) return lost.abort();
        failures = 0;
      } catch (error) {
        failures += 1;
        this.tell(error, failures, leaseMs / RENEWALS_PER_LEASE);
      }
    }
  }

  private async retry(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    // Not as patient as elsewhere: somebody has to take over as soon as it can be done.
    const delayMs = Math.min(backOffMs(failures), this.options.leaseMs / RENEWALS_PER_LEASE);
    this.tell(error, failures, delayMs);
    await pause(delayMs, signal);
  }

  private tell(error: unknown, failures: number, delayMs: number): void {
    this.options.report({ kind: 'retrying', activity: 'lease', error, failures, delayMs });
  }
}
