import type pg from 'pg';
import { EventWaiters } from '../event-waiters.js';
import { laterPosition, type Position, START } from '../position.js';
import { APPEND_CHANNEL } from './append-function.js';
import type { HeadReader } from './head-reader.js';
import { type ConnectionOptions, ManagedConnection } from './managed-connection.js';

/** A notification is a hint that may be lost: as long as somebody waits, the head is read this often. */
const POLL_MS = 250;

/** Tells those who wait that the log has grown. Listens and polls only while there are any. */
export class HeadWatch {
  private readonly waiters = new EventWaiters();
  private readonly connection: ManagedConnection;
  private known: Position = START;
  private polling: Promise<void> | null = null;
  private readonly closing = new AbortController();

  constructor(
    options: ConnectionOptions,
    private readonly head: HeadReader,
  ) {
    this.connection = new ManagedConnection(options, (client) => this.listen(client));
  }

  /** Resolves when the log is known to be beyond `position`, when time is up, or on abort; see EventLog. */
  async wait(position: Position, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    let leftMs = timeoutMs;
    // Everybody is woken whenever the head moves: also those who wait for a later one.
    while (this.known <= position && leftMs > 0 && !signal?.aborted && !this.closing.signal.aborted) {
      const woken = this.waiters.wait(leftMs, signal);
      this.polling ??= this.poll();
      await woken;
      leftMs = deadline - performance.now();
    }
  }

  /** The log has grown to `head`. */
  advance(head: Position): void {
    if (head <= this.known) return;
    this.known = laterPosition(this.known, head);
    this.waiters.wakeAll();
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.waiters.wakeAll();
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
      if (this.waiters.size > 0) await pause.wait(POLL_MS, this.closing.signal);
    }
    this.polling = null;
  }

  private async listen(client: pg.Client): Promise<void> {
    client.on('notification', ({ channel, payload }) => {
      if (channel === APPEND_CHANNEL && payload) this.advance(BigInt(payload) as Position);
    });
    await client.query(`listen ${APPEND_CHANNEL}`);
  }
}
