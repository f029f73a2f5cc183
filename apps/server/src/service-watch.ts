import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { reasonOf } from '#libs/http';

/** Between two looks at a service that is away. */
const LOOK_EVERY_MS = 500;
/** After a look that found it well, failures say nothing new for so long. */
const BELIEVED_MS = 1_000;

/** What noticed that a service may be away. */
export type Witness = 'calls' | 'checks' | 'jobs' | 'readModels';

export interface ServiceWatchOptions {
  /** Of the service, for people. */
  readonly name: string;
  /** Asks the service whether it is there; rejects when it is not, after a bounded time. */
  readonly probe: () => Promise<unknown>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  readonly lookEveryMs?: number;
}

/**
 * Whether a service that the ledger stands on is there. Nothing is asked while all goes well: whoever fails because of
 * the service says so, then it is asked until it answers. That it is away is told once, and once that it is back, with
 * how long that was and what failed meanwhile.
 */
export class ServiceWatch {
  private readonly failures = new Map<Witness, number>();
  private looking: Promise<void> | null = null;
  private isAway = false;
  private readonly stopping = new AbortController();
  /** On the monotonic clock. */
  private believedUntil = 0;

  constructor(private readonly options: ServiceWatchOptions) {}

  get name(): string {
    return this.options.name;
  }

  /** False from when it is known that the service is away until it is back. */
  get isUp(): boolean {
    return !this.isAway;
  }

  /** Something failed, perhaps because the service is away. Costs nothing but a count while that is looked into. */
  suspect(witness: Witness): void {
    if (this.stopping.signal.aborted) return;
    if (this.looking === null && performance.now() < this.believedUntil) return;
    this.failures.set(witness, (this.failures.get(witness) ?? 0) + 1);
    this.looking ??= this.look().finally(() => (this.looking = null));
  }

  /** Nothing is asked or told from now on. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looking;
  }

  private async look(): Promise<void> {
    const { name, log, lookEveryMs = LOOK_EVERY_MS } = this.options;
    const { signal } = this.stopping;
    const since = performance.now();
    for (;;) {
      const reason = await this.reason();
      if (signal.aborted) return;
      if (reason === null) break;
      if (!this.isAway) log.error({ err: reason }, `${name} is away`);
      this.isAway = true;
      // Whoever stops the watch must not wait for a timer that keeps no process alive.
      await pause(lookEveryMs, undefined, { ref: false, signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
    const failures = Object.fromEntries(this.failures);
    const awayMs = Math.round(performance.now() - since);
    if (this.isAway) log.warn({ awayMs, failures }, `${name} is back`);
    this.isAway = false;
    this.failures.clear();
    this.believedUntil = performance.now() + BELIEVED_MS;
  }

  /** Null when the service is there. */
  private async reason(): Promise<ReturnType<typeof reasonOf> | null> {
    try {
      await this.options.probe();
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }
}
