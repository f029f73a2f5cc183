import pg from 'pg';
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

/** What all connections of the log have in common. */
export function clientConfig({ connectionString, answerWithinMs }: ConnectionOptions): pg.ClientConfig {
  const connectionTimeoutMillis = Math.min(CONNECT_WITHIN_MS, answerWithinMs);
  const timeouts = { query_timeout: answerWithinMs, connectionTimeoutMillis };
  return { connectionString, ...timeouts, keepAlive: true, application_name: 'token-ledger event log' };
}

/** One connection that is made when it is needed, and made again after it was lost. One query at a time. */
export class ManagedConnection {
  private connecting: Promise<pg.Client> | null = null;
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
      return (await client.query<Row>(query)).rows;
    } catch (error) {
      // An error that the server reports leaves the connection as it was; every other one does not.
      if (!(error instanceof pg.DatabaseError) || isEndOfConnection(error)) await this.drop(client);
      throw error;
    }
  }

  /** The connection, for those who use it for other things than queries. */
  connect(): Promise<pg.Client> {
    if (this.closed) return Promise.reject(new LogUnavailable('the event log is closed'));
    this.connecting ??= this.open();
    return this.connecting;
  }

  async close(): Promise<void> {
    this.closed = true;
    const client = await this.connecting?.catch(() => null);
    if (client) await this.drop(client);
  }

  private async open(): Promise<pg.Client> {
    const client = new pg.Client(clientConfig(this.options));
    const forget = () => (this.connecting = null);
    client.on('error', forget);
    client.on('end', forget);
    try {
      await client.connect();
      await client.query(SESSION_SETTINGS);
      await this.prepare(client);
      return client;
    } catch (error) {
      await this.drop(client);
      throw error;
    }
  }

  private async drop(client: pg.Client): Promise<void> {
    this.connecting = null;
    await client.end().catch(() => undefined);
  }
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
