import pg from 'pg';
import { inTime } from './managed-connection.js';

/** A column of a row as PostgreSQL writes it; null is SQL's NULL. */
export type TextFields = readonly (string | null)[];

/** What pg's types leave out: a query of one's own with a callback. */
interface QueryingClient {
  query(query: RowQuery, callback: (error: Error | null | undefined) => void): void;
}

/**
 * A query of pg's own kind that gives its rows away as they arrive, so that the server sends more while they are worked
 * on, and neither waits for the other to be done with all of them. pg calls its `handle…` methods.
 */
export class RowQuery extends pg.Query {
  /** What the taker threw, if it did; later rows were passed over. It says nothing against the server. */
  failure: { readonly error: unknown } | undefined;
  private isOver = false;

  constructor(
    config: pg.QueryConfig,
    private readonly take: (fields: TextFields) => void,
  ) {
    super(config);
  }

  /**
   * Runs the query; resolves when all rows have come, rejects as a query does, and when that takes too long: the
   * connection is of no use then. The time-out is not pg's own, which ties each query to the next one. Once the collector
   * of garbage has passed over one of them, all later ones survive it, with all of their rows.
   */
  async run(client: pg.ClientBase, withinMs: number): Promise<void> {
    const answer = new Promise<void>((resolve, reject) => {
      (client as unknown as QueryingClient).query(this, (error) => (error ? reject(error) : resolve()));
    });
    try {
      await inTime(withinMs, answer);
    } finally {
      // Rows that come when the caller was told that it has waited too long are nobody's.
      this.isOver = true;
    }
  }

  handleDataRow({ fields }: { readonly fields: TextFields }): void {
    if (this.isOver || this.failure !== undefined) return;
    try {
      this.take(fields);
    } catch (error) {
      // Thrown here it would be pg's, and end the process.
      this.failure = { error };
    }
  }
}
