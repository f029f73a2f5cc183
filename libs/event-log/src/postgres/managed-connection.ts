import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { within } from '#libs/kernel';
import { LogUnavailable } from '../event-log.js';
import { PLAN_SETTINGS } from './append-function.js';

export interface ConnectionOptions {
  readonly connectionString: string;
  /** Longest time for one answer; after it the connection is given up, and what became of the query is unknown. */
  readonly answerWithinMs: number;
}

/** Longest time to make a connection. */
const CONNECT_WITHIN_MS = 3_000;

/** As session settings, because not every way to a server passes settings along with the start of a connection. */
export const SESSION_SETTINGS = Object.entries({ ...PLAN_SETTINGS, timezone: "'UTC'", synchronous_commit: 'on' })
  .map(([name, value]) => `set ${name} = ${value}`)
  .join('; ');

/** What all connections of the log have in common. Their queries have no time-out yet: see `timed` and `RowQuery`. */
export function clientConfig({ connectionString, answerWithinMs }: ConnectionOptions): pg.ClientConfig {
  const connectionTimeoutMillis = Math.min(CONNECT_WITHIN_MS, answerWithinMs);
  return { connectionString, connectionTimeoutMillis, keepAlive: true, application_name: 'token-ledger event log' };
}

/** A query with pg's own time-out, which it takes from a query as well as from a connection, whatever its types say. */
export function timed(query: pg.QueryConfig, withinMs: number): pg.QueryConfig {
  const withTimeout = { ...query, query_timeout: withinMs };
  return withTimeout;
}

/** What an answer says; throws when it takes too long, and its connection is of no use then. */
export function inTime<Answer>(withinMs: number, answer: Promise<Answer>): Promise<Answer> {
  return within(withinMs, answer, () => {
    throw new Error(`no answer within ${withinMs} ms`);
  });
}

/** A connection from when it is begun; `ready` rejects when it cannot be made. */
interface Attempt {
  readonly client: pg.Client;
  readonly ready: Promise<pg.Client>;
}

/** One connection that is made when it is needed, and made again after it was lost. One query at a time. */
export class ManagedConnection {
  private current: Attempt | null = null;
  private closed = false;

  constructor(
    private readonly options: ConnectionOptions,
    /** Called on every new connection, before it is used. */
    private readonly prepare: (client: pg.Client) => Promise<void> = async () => undefined,
  ) {}

  /** Rows of the answer. Rejects with what `pg` says; whether the query took effect is unknown then. */
  async query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<Row[]> {
    const client = await this.connect();
    try {
      // Under pg's own time-out a query keeps the one after it from being collected, with all of its values.
      return (await inTime(this.options.answerWithinMs, client.query<Row>(query))).rows;
    } catch (error) {
      // An error that the server reports leaves the connection as it was; every other one does not.
      if (!(error instanceof pg.DatabaseError) || isEndOfConnection(error)) await this.drop(client);
      throw error;
    }
  }

  /** The connection, for those who use it for other things than queries. */
  connect(): Promise<pg.Client> {
    if (this.closed) return Promise.reject(new LogUnavailable('the event log is closed'));
    this.current ??= this.begin();
    return this.current.ready;
  }

  close(): Promise<void> {
    this.closed = true;
    return this.leave();
  }

  /** Gives the connection back; whoever comes next makes another. */
  async leave(): Promise<void> {
    const left = this.current;
    this.current = null;
    const client = await left?.ready.catch(() => null);
    if (client) await this.drop(client);
  }

  private begin(): Attempt {
    const client = new pg.Client(clientConfig(this.options));
    client.on('error', () => this.forget(client));
    client.on('end', () => this.forget(client));
    return { client, ready: this.open(client) };
  }

  private async open(client: pg.Client): Promise<pg.Client> {
    try {
      await client.connect();
      await client.query(timed({ text: SESSION_SETTINGS }, this.options.answerWithinMs));
      await this.prepare(client);
      return client;
    } catch (error) {
      await this.drop(client);
      throw error;
    }
  }

  /** A connection that ends late must not take its successor's place. */
  private forget(client: pg.Client): void {
    if (this.current?.client === client) this.current = null;
  }

  private async drop(client: pg.Client): Promise<void> {
    this.forget(client);
    await soon(client.end());
  }
}

/** Longest time for a farewell: a server that does not answer must not keep anybody from going. */
const END_WITHIN_MS = 1_000;

/** Waits for the end of a connection, not for ever. */
export async function soon(ended: Promise<void>): Promise<void> {
  const done = ended.catch(() => undefined);
  await Promise.race([done, delay(END_WITHIN_MS, undefined, { ref: false })]);
}

function isEndOfConnection(error: pg.DatabaseError): boolean {
  return error.code?.startsWith('57P') ?? false;
}

/** Classes of SQLSTATE that may pass by themselves: connection, transaction rollback, resources, operator, system. */
const PASSING = /^(08|25|40|53|55|57|58|XX)/;

/** True when the same query may succeed later. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || error.code === undefined || PASSING.test(error.code);
}
