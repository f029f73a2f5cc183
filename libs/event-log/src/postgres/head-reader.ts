import { type LogHeads, LogUnavailable } from '../event-log.js';
import type { Position } from '../position.js';
import { type ConnectionOptions, ManagedConnection } from './managed-connection.js';

const HEADS = {
  name: 'heads',
  text: 'select position, security_position from ledger.flushes order by position desc limit 1',
};

/**
 * Reads the heads of the log over a connection of its own, so that it never waits behind a long read. Whoever asks while
 * a read is under way shares the next one, which begins after they asked: each answer is as new as its question.
 */
export class HeadReader {
  private readonly connection: ManagedConnection;
  private current: Promise<unknown> = Promise.resolve();
  private next: Promise<LogHeads> | null = null;

  constructor(options: ConnectionOptions) {
    this.connection = new ManagedConnection(options);
  }

  /** Throws LogUnavailable. */
  heads(): Promise<LogHeads> {
    this.next ??= this.afterCurrent();
    return this.next;
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async afterCurrent(): Promise<LogHeads> {
    await this.current;
    const reading = this.read();
    this.current = reading.catch(() => undefined);
    this.next = null;
    return reading;
  }

  private async read(): Promise<LogHeads> {
    try {
      const [row] = await this.connection.query<{ position: string; security_position: string }>(HEADS);
      if (!row) throw new Error('table ledger.flushes is empty');
      return { all: BigInt(row.position) as Position, security: BigInt(row.security_position) as Position };
    } catch (error) {
      throw new LogUnavailable('the heads of the event log cannot be read', { cause: error });
    }
  }
}
