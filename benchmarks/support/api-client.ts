import { randomUUID } from 'node:crypto';
import { BenchmarkFailed } from './run-benchmark.js';

/** Answers of the API, read loosely. */
export type Answer = Readonly<Record<string, unknown>>;

/** Calls the ledger over HTTP as an admin; every call must succeed. */
export class ApiClient {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }

  post(path: string, body: object): Promise<Answer> {
    return this.call('POST', path, body);
  }

  put(path: string, body: object): Promise<Answer> {
    return this.call('PUT', path, body);
  }

  patch(path: string, body: object): Promise<Answer> {
    return this.call('PATCH', path, body);
  }

  /** The answer and its headers. Throws BenchmarkFailed when the status is not 2xx. */
  async exchange(method: string, path: string, body?: object): Promise<{ answer: unknown; headers: Headers }> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new BenchmarkFailed(`${method} ${path} answered ${response.status}: ${text}`);
    return { answer: text === '' ? {} : JSON.parse(text), headers: response.headers };
  }

  private async call(method: string, path: string, body?: object): Promise<Answer> {
    return (await this.exchange(method, path, body)).answer as Answer;
  }
}
