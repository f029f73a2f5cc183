import { EventEmitter, once } from 'node:events';
import {
  type AddressInfo,
  createConnection,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** How the link treats what is sent over it. */
export type LinkState = { readonly kind: 'open' | 'refusing' | 'silent' } | { readonly kind: 'slow'; delayMs: number };

const OPEN: LinkState = { kind: 'open' };

/**
 * A TCP port that leads to a unix socket or another port, and fails as networks do: connections break, nothing gets
 * through, or everything arrives late. What was sent arrives in its order or not at all.
 */
export class FaultyLink {
  private readonly clients = new Set<Socket>();
  private state: LinkState = OPEN;
  /** Emits `changed`; every connection may wait for it. */
  private readonly changes = new EventEmitter().setMaxListeners(0);

  private constructor(
    private readonly server: Server,
    private readonly target: NetConnectOpts,
    readonly port: number,
  ) {}

  static async open(target: NetConnectOpts): Promise<FaultyLink> {
    const server = createServer((socket) => link.relay(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const link: FaultyLink = new FaultyLink(server, target, (server.address() as AddressInfo).port);
    return link;
  }

  /** Works as it should from now on, also for what was held back. */
  heal(): void {
    this.enter(OPEN);
  }

  /** Breaks every connection; new ones are taken. */
  cut(): void {
    for (const client of this.clients) client.resetAndDestroy();
  }

  /** Breaks every connection and takes no new ones. */
  refuse(): void {
    this.enter({ kind: 'refusing' });
    this.cut();
  }

  /** Keeps connections and takes new ones, and lets nothing through. */
  silence(): void {
    this.enter({ kind: 'silent' });
  }

  /** Lets each piece through so much later. */
  slow(delayMs: number): void {
    this.enter({ kind: 'slow', delayMs });
  }

  async close(): Promise<void> {
    this.refuse();
    this.server.close();
    await once(this.server, 'close');
  }

  private enter(state: LinkState): void {
    this.state = state;
    this.changes.emit('changed');
  }

  private relay(client: Socket): void {
    if (this.state.kind === 'refusing') {
      client.resetAndDestroy();
      return;
    }
    const server = createConnection(this.target);
    this.clients.add(client);
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      // Late only when it is told to be.
      socket.setNoDelay(true);
    }
    client.once('close', () => {
      this.clients.delete(client);
      server.destroy();
    });
    server.once('close', () => client.destroy());
    void this.pump(client, server);
    void this.pump(server, client);
  }

  /** One piece after the other, so that a piece that waits is not overtaken when the link heals. */
  private async pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const piece of from) {
        await this.passage();
        if (!to.write(piece as Buffer)) await drained(to);
      }
      to.end();
    } catch {
      to.destroy();
    }
  }

  private async passage(): Promise<void> {
    while (this.state.kind === 'silent') await once(this.changes, 'changed');
    if (this.state.kind === 'slow') await pause(this.state.delayMs);
  }
}

/** Resolves when more may be written, or never will be. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
