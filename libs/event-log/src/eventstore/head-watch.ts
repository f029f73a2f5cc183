import { convertToCommandError } from '@eventstore/db-client';
import type { ServiceError } from '@grpc/grpc-js';
import { EventWaiters } from '../event-waiters.js';
import { HeadWaiters } from '../head-waiters.js';
import type { Position } from '../position.js';
import { subscriptionRequest } from './read-request.js';
import type { ServerCalls } from './server-calls.js';
import { NO_EVENT, serverEvent, type ServerEvent } from './server-event.js';
import type { StreamNames } from './stream-names.js';
import type { EventStoreReader } from './eventstore-reader.js';

/** Appends of this process are told of without looking: where it has just made one, the next may come before a look. */
const SETTLE_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Tells those who wait that the log has grown: by a look at its head, and where that has not moved by a subscription to
 * all streams of the ledger, up to its first event. It does not last longer, because every event that it tells of costs
 * as much as one that is read.
 */
export class EventStoreHeadWatch {
  private readonly waiters = new HeadWaiters(() => {
    this.watching ??= this.watch();
  });
  private readonly pauses = new EventWaiters();
  private watching: Promise<void> | null = null;
  /** When this process last told of an append of its own, monotonic. */
  private toldAt = -Infinity;

  constructor(
    private readonly calls: ServerCalls,
    private readonly reader: EventStoreReader,
    private readonly names: StreamNames,
  ) {}

  /** See HeadWaiters. */
  wait(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.waiters.wait(position, timeoutMs, signal);
  }

  /** This process has stored something at `position`. */
  advance(position: Position): void {
    this.toldAt = performance.now();
    this.waiters.advance(position);
  }

  async close(): Promise<void> {
    this.waiters.close();
    this.pauses.wakeAll();
    await this.watching;
  }

  /** As long as somebody waits. */
  private async watch(): Promise<void> {
    for (let pauseMs = this.settleMs(); this.waiters.size > 0 && !this.waiters.closed.aborted;) {
      if (pauseMs > 0) await this.pauses.wait(pauseMs, this.waiters.closed);
      if (this.waiters.size === 0) break;
      const before = this.waiters.known;
      try {
        this.waiters.advance(await this.reader.head());
        if (this.waiters.size > 0) await this.firstEvent();
      } catch {
        // The log is away: whoever waits finds out by reading, and this looks again.
      }
      const isTold = this.waiters.known > before;
      pauseMs = isTold ? this.settleMs() : Math.min(Math.max(pauseMs, SETTLE_MS) * 2, LONGEST_PAUSE_MS);
    }
    this.watching = null;
  }

  private settleMs(): number {
    return performance.now() - this.toldAt < SETTLE_MS ? SETTLE_MS : 0;
  }

  /** Resolves at the next event after the known head, or when the log closes. Throws what the server and the client say. */
  private firstEvent(): Promise<void> {
    const request = subscriptionRequest(this.waiters.known, this.names.pattern);
    return this.calls.execute('subscribe', (connection) => {
      const call = this.calls.read(connection, request, serverEvent, Infinity);
      const { closed } = this.waiters;
      return new Promise<void>((resolve, reject) => {
        // Cancelled here, and not by the client, which takes that for a lost connection.
        const end = () => {
          closed.removeEventListener('abort', end);
          resolve();
          call.cancel();
        };
        call.on('data', (answer: ServerEvent | typeof NO_EVENT) => {
          if (answer === NO_EVENT) return;
          this.waiters.advance(answer.position);
          end();
        });
        call.on('error', (error: ServiceError) => {
          closed.removeEventListener('abort', end);
          reject(convertToCommandError(error));
        });
        call.on('end', end);
        closed.addEventListener('abort', end);
        if (closed.aborted) end();
      });
    });
  }
}
