import type pg from 'pg';
import { EventWaiters } from '../event-waiters.js';
import { HeadWaiters } from '../head-waiters.js';
import type { Position } from '../position.js';
import { APPEND_CHANNEL } from './append-function.js';
import type { HeadReader } from './head-reader.js';
import { type ConnectionOptions, ManagedConnection, timed } from './managed-connection.js';

/** A notification is a hint that may be lost: as long as somebody waits, the head is read this often. */
const POLL_MS = 250;

/** Tells those who wait that the log has grown. Listens and polls only while there are any. */
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
    while (this.waiters.size > 0) {
      try {
        await this.connection.connect();
        this.advance((await this.head.heads()).all);
      } catch {
        // The log is away: whoever waits will find out by reading, and this looks again.
      }
      if (this.waiters.size > 0) await pause.wait(POLL_MS, this.waiters.closed);
    }
    this.polling = null;
  }

  private async listen(client: pg.Client): Promise<void> {
    client.on('notification', ({ channel, payload }) => {
      if (channel === APPEND_CHANNEL && payload) this.advance(BigInt(payload) as Position);
    });
    await client.query(timed({ text: `listen ${APPEND_CHANNEL}` }, this.options.answerWithinMs));
  }
}
