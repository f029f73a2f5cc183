import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { listenBefore } from './listen-before.js';

/** The last message of a start: the server is ready for queries, and in no transaction. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** What a server says on a connection that it ends because its own main process is gone. */
const ENDED = errorResponse({ S: 'FATAL', C: '57P01', M: 'terminating connection due to unexpected postmaster exit' });

/** Stands before a PostgreSQL, and lets connections break in the very packet that makes them ready. */
export class BreakingProxy {
  private readonly clients = new Set<Socket>();
  private breaks = 0;
  private told: () => void = () => undefined;

  private constructor(
    private readonly server: Server,
    readonly connectionString: string,
  ) {}

  /** `connectionString` of a server behind a unix socket. */
  static async open(connectionString: string): Promise<BreakingProxy> {
    const { server, connectionString: through } = await listenBefore(connectionString, (client, connect) =>
      proxy.relay(client, connect()),
    );
    const proxy: BreakingProxy = new BreakingProxy(server, through);
    return proxy;
  }

  /** Breaks the next `count` connections as they become ready. Resolves when the last of those has broken. */
  breakNext(count: number): Promise<void> {
    this.breaks = count;
    return new Promise((resolve) => (this.told = resolve));
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private relay(client: Socket, server: Socket): void {
    this.clients.add(client);
    let isReady = false;
    client
      .on('error', () => undefined)
      .on('close', () => {
        this.clients.delete(client);
        server.destroy();
      });
    server.on('error', () => undefined).on('close', () => client.destroy());
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => {
      const becomesReady = !isReady && data.subarray(-READY.length).equals(READY);
      isReady ||= becomesReady;
      if (becomesReady && this.breaks > 0) this.breakWith(client, data);
      else client.write(data);
    });
  }

  private breakWith(client: Socket, data: Buffer): void {
    this.breaks -= 1;
    client.end(Buffer.concat([data, ENDED]), () => {
      if (this.breaks === 0) this.told();
    });
  }
}

/** Source: https://www.postgresql.org/docs/current/protocol-message-formats.html (ErrorResponse). */
function errorResponse(fields: Record<string, string>): Buffer {
  const text = Object.entries(fields).map(([code, value]) => `${code}${value}\0`);
  const body = Buffer.from(`${text.join('')}\0`);
  const head = Buffer.alloc(5, 'E');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
