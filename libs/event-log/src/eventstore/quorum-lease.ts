import { randomUUID } from 'node:crypto';
import { LogUnavailable } from '../event-log.js';
import type { AppendOutcome } from './stream-appender.js';
import type { EventToStore } from './event-codec.js';
import { LEASE_STREAMS } from './stream-names.js';

export interface QuorumLeaseOptions {
  /** How long a majority's answer lasts. */
  readonly leaseMs: number;
  readonly append: (stream: string, base: bigint, events: readonly EventToStore[]) => Promise<AppendOutcome>;
  /** Lets the server forget all but the last event of a stream. Nothing rests on it but space. */
  readonly keepLast: (stream: string) => Promise<unknown>;
}

/** On a busy machine an append and a read may together outlast a lease. */
const TRIES = 4;

/**
 * Bounds what a leader may tell that is none any more and has not noticed. Such a one still answers reads, but no append:
 * that takes a majority of the cluster. So a read counts only for `leaseMs` after an append was sent that succeeded, by
 * the monotonic clock. What was acknowledged by the next leader is then seen at most `leaseMs` later. Any append renews
 * the lease; a node without any makes one of its own.
 */
export class QuorumLease {
  private readonly stream = `${LEASE_STREAMS}${randomUUID()}`;
  private revision = -1n;
  private validUntil = -Infinity;
  private renewing: Promise<void> | null = null;

  constructor(private readonly options: QuorumLeaseOptions) {}

  /** An append that was sent at `sentAt` (monotonic, in milliseconds) has succeeded. */
  noticeMajority(sentAt: number): void {
    this.validUntil = Math.max(this.validUntil, sentAt + this.options.leaseMs);
  }

  /** Milliseconds. */
  get lastsMs(): number {
    return this.options.leaseMs;
  }

  get isValid(): boolean {
    return performance.now() <= this.validUntil;
  }

  /** What `read` tells, confirmed by a valid lease at the time of its answer. Throws LogUnavailable. */
  async confirmed<Value>(read: () => Promise<Value>): Promise<Value> {
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const value = await read();
      if (this.isValid) return value;
      if (tries < TRIES) await this.renew();
    }
    throw new LogUnavailable('no majority of the cluster confirms what its leader tells');
  }

  private renew(): Promise<void> {
    this.renewing ??= this.appendOnce().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async appendOnce(): Promise<void> {
    const event: EventToStore = { id: randomUUID(), type: 'LeaseRenewed', data: '{}', metadata: '{}' };
    const outcome = await this.options.append(this.stream, this.revision, [event]);
    if (!outcome.stored) throw new LogUnavailable('somebody else writes to the stream of this lease');
    const isFirst = this.revision === -1n;
    this.revision = outcome.revision;
    if (isFirst) await this.options.keepLast(this.stream).catch(() => undefined);
  }
}
