import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What a request is made of; the same for every one of a load. */
export interface WireRequest {
  readonly path: string;
  readonly bearer: string;
  readonly body: string;
}

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: (\d+)/i;

/**
 * One kept-alive HTTP/1.1 connection over a bare socket that asks one thing after the other, and looks at no more of an
 * answer than its status and length: on a machine that the server shares, a client that does more would be measured too.
 */
export class KeptConnection {
  private received = '';
  private settle: ((isGood: boolean) => void) | null = null;

  private constructor(private readonly socket: Socket) {
    // Bytes, not characters, count in `content-length`.
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.on('data', (chunk: string) => this.read(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.end(false));
  }

  static async open(url: string): Promise<KeptConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    return new KeptConnection(socket);
  }

  /** True when the whole answer has come and is 2xx; false when it is another, or the connection has ended. */
  ask(request: Buffer): Promise<boolean> {
    if (this.socket.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.settle = resolve;
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private read(chunk: string): void {
    this.received = this.received === '' ? chunk : this.received + chunk;
    const head = this.received.indexOf(HEAD_END);
    if (head === -1) return;
    const length = Number(LENGTH.exec(this.received)?.[1] ?? 0);
    if (this.received.length < head + HEAD_END.length + length) return;
    this.end(this.received.startsWith('HTTP/1.1 2'));
  }

  private end(isGood: boolean): void {
    const { settle } = this;
    this.received = '';
    this.settle = null;
    settle?.(isGood);
  }
}

/** The bytes of a POST of JSON. */
export function wireRequestOf(url: string, { path, bearer, body }: WireRequest): Buffer {
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    'content-type: application/json',
    `authorization: Bearer ${bearer}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(head.join('\r\n') + HEAD_END + body);
}
