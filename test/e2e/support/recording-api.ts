import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { once } from 'node:events';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An API behind a gateway: answers `<path>/answer/<status>` with that status, anything else with 200; keeps what came. */
export class RecordingApi {
  readonly received: Received[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<RecordingApi> {
    const server = createServer();
    const api = new RecordingApi(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        api.received.push({ method, path, headers, body: Buffer.concat(chunks).toString('utf8') });
        const status = Number(/\/answer\/(\d{3})$/.exec(path)?.[1] ?? 200);
        response.writeHead(status, { 'content-type': 'application/json', 'www-authenticate': 'Custom of="the API"' });
        response.end(JSON.stringify({ answeredBy: 'the API' }));
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return api;
  }

  /** `host:port`. */
  get address(): string {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
  }

  async dispose(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
