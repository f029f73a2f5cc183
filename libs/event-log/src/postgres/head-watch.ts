import type pg from 'pg';
import { EventWaiters } from '../event-waiters.js';
import { HeadWaiters } from '../head-waiters.js';
import type { Position } from '../position.js';
import { APPEND_CHANNEL } from './append-function.js';
import type { HeadReader } from './head-reader.js';
import { type ConnectionOptions, ManagedConnection, timed } from './managed-connection.js';

/** A notification is a hint that may be lost: as long as somebody waits, the head is read this often. */
const POLL_MS = 250;

/**
 * How long to listen on when nobody waits any more. Every flush wakes those that listen, two processes for each: for
 * nothing under load, when readers have no need to wait.
 */
const LINGER_MS = 1_000;

/** Tells those who wait that the log has grown. Listens and polls only while there are any, and a moment longer. */
export class HeadWatch {
  private readonly waiters = new HeadWaiters(() => {
    this.polling ??= this.poll();
  });
  private readonly connection: ManagedConnection;
  private polling: Promise<void> | null = null;

  constructor(
    private readonly options: ConnectionOptions,
    private readonly head: HeadReader,
  ) {
    this.connection = new ManagedConnection(options, (client) => this.listen(client));
  }

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
    await this.polling;
    await this.connection.close();
  }

  private async poll(): Promise<void> {
    const pause = new EventWaiters();
    for (let unwaitedMs = 0; unwaitedMs < LINGER_MS && !this.waiters.closed.aborted; unwaitedMs += POLL_MS) {
      if (this.waiters.size > 0) {
        unwaitedMs = 0;
        await this.look();
      }
      await pause.wait(POLL_MS, this.waiters.closed);
    }
    this.polling = null;
    await this.connection.leave();
  }

  private async look(): Promise<void> {
    try {
      await this.connection.connect();
      this.advance((await this.head.heads()).all);
    } catch {
      // The log is away: whoever waits will find out by reading, and this looks again.
    }
  }

  private async listen(client: pg.Client): Promise<void> {
    client.on('notification', ({ channel, payload }) => {
      if (channel === APPEND_CHANNEL && payload) this.advance(BigInt(payload) as Position);
    });
    await client.query(timed({ text: `listen ${APPEND_CHANNEL}` }, this.options.answerWithinMs));
  }
}
