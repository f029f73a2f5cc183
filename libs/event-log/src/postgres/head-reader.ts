import { SharedRead } from '#libs/kernel';
import { type LogHeads, LogUnavailable } from '../event-log.js';
import type { Position } from '../position.js';
import { type ConnectionOptions, ManagedConnection } from './managed-connection.js';

const HEADS = {
  name: 'heads',
  text: 'select position, security_position from ledger.flushes order by position desc limit 1',
};

/** Reads the heads of the log over a connection of its own, so that it never waits behind a long read. */
export class HeadReader {
  private readonly connection: ManagedConnection;
  private readonly shared = new SharedRead(() => this.read());

  constructor(options: ConnectionOptions) {
    this.connection = new ManagedConnection(options);
  }

  /** Throws LogUnavailable. */
  heads(): Promise<LogHeads> {
    return this.shared.get();
  }

  close(): Promise<void> {
    return this.connection.close();
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
