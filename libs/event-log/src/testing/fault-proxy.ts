import type { Server, Socket } from 'node:net';
import { listenBefore } from '#libs/postgres/testing';

/** Stands between a log and its PostgreSQL, and fails as networks do. */
export class FaultProxy {
  private readonly sockets = new Set<Socket>();
  private mode: 'pass' | 'loseAnswer' | 'holdAnswers' | 'hang' | 'refuse' = 'pass';
  private readonly held: (() => void)[] = [];
  private onAnswer: () => void = () => undefined;

  private constructor(
    private readonly server: Server,
    readonly connectionString: string,
  ) {}

  /** `connectionString` of `#libs/postgres`, of a server behind a unix socket. */
  static async open(connectionString: string): Promise<FaultProxy> {
    const { server, connectionString: through } = await listenBefore(connectionString, (client, connect) =>
      proxy.relay(client, connect),
    );
    const proxy: FaultProxy = new FaultProxy(server, through);
    return proxy;
  }

  /** Works as it should, from now on and for the answers that were held back. */
  pass(): void {
    this.mode = 'pass';
    for (const release of this.held.splice(0)) release();
  }

  /** Holds answers back until `pass`. Resolves when there is one: the server has done what it was asked. */
  holdAnswers(): Promise<void> {
    this.mode = 'holdAnswers';
    return this.nextAnswer();
  }

  /** Takes what is sent, and breaks the connection in place of the next answer. Resolves when one was lost. */
  loseAnswer(): Promise<void> {
    this.mode = 'loseAnswer';
    return this.nextAnswer();
  }

  /** Takes what is sent and never answers, on connections that are open and on new ones. */
  hang(): void {
    this.mode = 'hang';
  }

  /** Breaks all connections and takes no new ones. */
  refuse(): void {
    this.mode = 'refuse';
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.refuse();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(client: Socket, connect: () => Socket): void {
    if (this.mode === 'refuse') {
      client.destroy();
      return;
    }
    const server = connect();
    this.track(client, server);
    this.track(server, client);
    client.on('data', (data) => server.write(data));
    server.on('data', (data) => this.answer(client, data));
  }

  private answer(client: Socket, data: Buffer): void {
    const { mode } = this;
    if (mode === 'pass') client.write(data);
    if (mode === 'holdAnswers') this.held.push(() => client.write(data));
    if (mode === 'loseAnswer') {
      this.mode = 'pass';
      client.destroy();
    }
    if (mode !== 'hang') this.onAnswer();
  }

  private nextAnswer(): Promise<void> {
    return new Promise((resolve) => (this.onAnswer = resolve));
  }

  private track(socket: Socket, other: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      other.destroy();
    });
  }
}
