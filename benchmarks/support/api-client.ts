import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { BenchmarkFailed } from './run-benchmark.js';

/** Answers of the API, read loosely. */
export type Answer = Readonly<Record<string, unknown>>;

const TRIES = 10;

/** Calls the ledger over HTTP as an admin; every call must succeed, sooner or later. */
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

  /**
   * The answer and its headers. What is refused with 503 is asked again as the answer says, under the same key, and a line
   * on stderr says so. Throws BenchmarkFailed when the status is not 2xx in the end.
   */
  async exchange(method: string, path: string, body?: object): Promise<{ answer: unknown; headers: Headers }> {
    const request: RequestInit = {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    for (let tries = 1; ; tries += 1) {
      const response = await fetch(this.url + path, request);
      const text = await response.text();
      const retryAfter = response.headers.get('retry-after');
      if (response.status === 503 && retryAfter !== null && tries < TRIES) {
        process.stderr.write(`${method} ${path} answered 503, and is asked again\n`);
        await pause(Number(retryAfter) * 1_000);
        continue;
      }
      if (!response.ok) throw new BenchmarkFailed(`${method} ${path} answered ${response.status}: ${text}`);
      return { answer: text === '' ? {} : JSON.parse(text), headers: response.headers };
    }
  }

  private async call(method: string, path: string, body?: object): Promise<Answer> {
    return (await this.exchange(method, path, body)).answer as Answer;
  }
}
