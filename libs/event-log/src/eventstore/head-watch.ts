import type { AllStreamSubscription, EventStoreDBClient } from '@eventstore/db-client';
import { END, streamNameFilter } from '@eventstore/db-client';
import { EventWaiters } from '../event-waiters.js';
import { HeadWaiters } from '../head-waiters.js';
import { type Position, START } from '../position.js';
import { positionOf } from './event-codec.js';
import type { StreamNames } from './stream-names.js';
import type { EventStoreReader } from './eventstore-reader.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Tells those who wait that the log has grown, by a subscription to all streams of the ledger that lasts as long as
 * somebody waits, and is made again after what it saw last when it breaks: the client never does that by itself.
 */
export class EventStoreHeadWatch {
  private readonly waiters = new HeadWaiters(() => {
    this.watching ??= this.watch();
  });
  private readonly pauses = new EventWaiters();
  private watching: Promise<void> | null = null;
  private subscription: AllStreamSubscription | null = null;

  constructor(
    private readonly client: EventStoreDBClient,
    private readonly reader: EventStoreReader,
    private readonly names: StreamNames,
  ) {}

  /** See HeadWaiters. */
  wait(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.waiters.wait(position, timeoutMs, signal);
  }

  /** The log has grown to `head`. */
  advance(head: Position): void {
    this.waiters.advance(head);
  }

  async close(): Promise<void> {
    this.waiters.close();
    this.pauses.wakeAll();
    this.subscription?.destroy();
    await this.subscription?.unsubscribe().catch(() => undefined);
    await this.watching;
  }

  private async watch(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.waiters.closed.aborted) {
      const before = this.waiters.known;
      try {
        this.advance(await this.reader.head());
        await this.follow();
      } catch {
        // The log is away: whoever waits finds out by reading, and this looks again.
      }
      pauseMs = this.waiters.known > before ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      await this.pauses.wait(pauseMs, this.waiters.closed);
    }
  }

  /** Resolves when the subscription has ended. What it may have missed since the head was read is read again by it. */
  private follow(): Promise<void> {
    const fromPosition =
      this.waiters.known === START ? END : { commit: this.waiters.known, prepare: this.waiters.known };
    const filter = streamNameFilter({ regex: this.names.pattern });
    const subscription = this.client.subscribeToAll({ fromPosition, filter });
    this.subscription = subscription;
    return new Promise((resolve) => {
      const end = () => {
        this.subscription = null;
        subscription.destroy();
        resolve();
      };
      subscription.on('data', ({ event }) => {
        if (event) this.advance(positionOf(event));
      });
      subscription.on('confirmation', () => {
        // Of a log that was empty: what came between the look at it and this is not told otherwise.
        if (fromPosition === END) this.reader.head().then((head) => this.advance(head), end);
      });
      subscription.on('error', end);
      subscription.on('close', end);
      subscription.on('end', end);
      if (this.waiters.closed.aborted) end();
    });
  }
}
