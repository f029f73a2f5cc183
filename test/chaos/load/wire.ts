import { Agent, request } from 'node:http';

/** An answer; status null when there was none, or one that broke off. */
export interface Reply {
  readonly status: number | null;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly token: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer than any fault lasts. */
const ANSWER_WITHIN_MS = 20_000;
const SOCKETS_MAX = 64;

/** Calls one server over HTTP; never throws, because no answer is an answer to whoever keeps a history. */
export class Wire {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });

  constructor(readonly port: number) {}

  call({ method, path, token, body, headers = {} }: Call): Promise<Reply> {
    const text = body === undefined ? null : JSON.stringify(body);
    return new Promise((resolve) => {
      const lost = () => resolve({ status: null, body: null, headers: {} });
      const call = request({
        agent: this.agent,
        host: '127.0.0.1',
        port: this.port,
        method,
        path,
        timeout: ANSWER_WITHIN_MS,
        headers: {
          authorization: `Bearer ${token}`,
          ...(text === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      });
      call.on('timeout', () => call.destroy());
      call.on('error', lost);
      call.on('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', lost);
        response.on('close', lost);
        response.on('end', () => {
          const received = Buffer.concat(pieces).toString('utf8');
          resolve({ status: response.statusCode ?? null, body: parsed(received), headers: response.headers });
        });
      });
      call.end(text ?? undefined);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Null for what is no JSON: /v1/authorize says everything in its headers. */
function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
