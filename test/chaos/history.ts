import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * How one attempt ended. `refused`: the ledger said no, for a reason that lasts, and nothing was to be recorded.
 * `unknown`: no answer, a broken one, or one that says that nothing can be said (5xx): it may have been recorded.
 */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

export type RequestKind = 'use' | 'charge' | 'reversal' | 'grant' | 'createToken' | 'revokeToken';

/** What was asked for; never a token string. */
export interface Asked {
  readonly account?: string;
  readonly token?: string;
  /** Uid of the charge that is to be reversed. */
  readonly charge?: string;
  /** Credits, an integer. */
  readonly amount?: string;
  /** True when the request carries an idempotency key, so that it may be sent again. */
  readonly keyed?: boolean;
}

/** What the ledger acknowledged. */
export interface Answered {
  readonly useId?: string;
  readonly charge?: string;
  readonly chargeNumber?: string;
  readonly grant?: string;
  readonly token?: string;
  readonly balance?: string;
  readonly replayed?: boolean;
}

/** One attempt of one request: a line of the history. */
export interface Entry {
  /** Names the request; its attempts share it, and so does what the ledger records of it. */
  readonly request: string;
  readonly kind: RequestKind;
  /** Name of the server that was asked. */
  readonly server: string;
  /** Milliseconds since the run began, monotonic. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** Status and code of the answer; null when there was none. */
  readonly status: number | null;
  readonly code: string | null;
  readonly asked: Asked;
  readonly answered: Answered;
}

/** The record of every attempt, written as it ends: NDJSON in a file. */
export class HistoryFile {
  private readonly stream: WriteStream;
  private count = 0;

  constructor(readonly path: string) {
    this.stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  }

  get length(): number {
    return this.count;
  }

  add(entry: Entry): void {
    this.count += 1;
    this.stream.write(`${JSON.stringify(entry)}\n`);
  }

  /** Resolves when everything is in the file. */
  async close(): Promise<void> {
    this.stream.end();
    await once(this.stream, 'close');
  }
}

/** Reads a history back. */
export async function* readHistory(path: string): AsyncGenerator<Entry> {
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line !== '') yield JSON.parse(line) as Entry;
  }
}
