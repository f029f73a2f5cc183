/** Anything that JSON can hold, read loosely by tests. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = any;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed when it is JSON, else the text. */
  readonly body: Loose;
  readonly text: string;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
  /** Sends these bytes as they are instead of `body`. */
  raw?: string | Uint8Array;
}

/**
 * Calls the ledger over HTTP. Remembers the position of the last write and asks every read to have reached it, so that
 * a test waits on the checkpoint and never for a time.
 */
export class LedgerClient {
  private static readonly positions = new Map<string, bigint>();

  constructor(
    readonly url: string,
    readonly token: string | null,
  ) {}

  as(token: string | null): LedgerClient {
    return new LedgerClient(this.url, token);
  }

  get(path: string, options: CallOptions = {}): Promise<Reply> {
    return this.call('GET', path, options);
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.call('POST', path, { body, headers });
  }

  put(path: string, body?: unknown): Promise<Reply> {
    return this.call('PUT', path, { body });
  }

  patch(path: string, body?: unknown): Promise<Reply> {
    return this.call('PATCH', path, { body });
  }

  delete(path: string): Promise<Reply> {
    return this.call('DELETE', path);
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const headers: Record<string, string> = { ...options.headers };
    if (this.token !== null) headers['authorization'] ??= `Bearer ${this.token}`;
    const position = LedgerClient.positions.get(this.url);
    if (method === 'GET' && position !== undefined) headers['ledger-min-position'] ??= position.toString();
    const hasBody = options.body !== undefined || options.raw !== undefined;
    if (hasBody) headers['content-type'] ??= 'application/json';
    const response = await fetch(this.url + path, {
      method,
      headers,
      ...(hasBody ? { body: (options.raw as string | undefined) ?? JSON.stringify(options.body) } : {}),
    });
    this.remember(response.headers.get('ledger-position'));
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const isOneDocument = isJson && !/ndjson/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, body: isOneDocument ? parse(text) : text };
  }

  private remember(position: string | null): void {
    if (position === null) return;
    const known = LedgerClient.positions.get(this.url) ?? 0n;
    if (BigInt(position) > known) LedgerClient.positions.set(this.url, BigInt(position));
  }
}

function parse(text: string): Loose {
  return text === '' ? null : JSON.parse(text);
}
