import { assert } from '#libs/kernel';
import type { Pool, PoolClient, QueryArrayResult } from 'pg';
import { CopyIn } from './copy-in.js';
import type { Statement } from './table-sql.js';

/**
 * A pool's time-outs are meant for requests. A plan that was made while a table was young stays with a prepared
 * statement while the table grows, so none may read a table whole (and be compiled because that looks expensive).
 */
const BEGIN = [
  'BEGIN ISOLATION LEVEL READ COMMITTED',
  ...['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'].map(
    (name) => `SET LOCAL ${name} = 0`,
  ),
  ...['enable_seqscan', 'jit'].map((name) => `SET LOCAL ${name} = off`),
].join('; ');

export type TextRow = (string | null)[];

/**
 * One transaction on one connection. Statements may be queued without waiting; they run one after the other. After
 * one has failed all later ones fail with the same error, because PostgreSQL ignores them until the rollback.
 */
export class Transaction {
  /** Label of the statement that failed. */
  failedAt: string | undefined;
  private tail: Promise<unknown> = Promise.resolve();
  private savepoints = 0;

  private constructor(
    private readonly client: PoolClient,
    private readonly onClientError: () => void,
  ) {}

  /** Takes a connection of the pool and begins; `settings` are further statements, such as `SET LOCAL`. */
  static async begin(pool: Pool, settings = ''): Promise<Transaction> {
    const client = await pool.connect();
    // A connection that breaks while nothing runs on it would end the process; the next statement reports it.
    const ignore = (): void => undefined;
    client.on('error', ignore);
    const transaction = new Transaction(client, ignore);
    try {
      await client.query(settings === '' ? BEGIN : `${BEGIN}; ${settings}`);
      return transaction;
    } catch (error) {
      transaction.release(true);
      throw error;
    }
  }

  /** Runs a statement; its rows come as arrays of text, so every column must be text or yield text. */
  query(statement: string | Statement, values: readonly unknown[] = [], label = ''): Promise<TextRow[]> {
    return this.queue(label, async () => {
      const config = typeof statement === 'string' ? { text: statement } : statement;
      const result: QueryArrayResult = await this.client.query({ ...config, values: [...values], rowMode: 'array' });
      return result.rows as TextRow[];
    });
  }

  /** Queues `COPY … FROM STDIN`; its data may be written at once, and `done` settles when all of it was taken. */
  copy(text: string, label = ''): { copy: CopyIn; done: Promise<void> } {
    const copy = new CopyIn(text);
    return { copy, done: this.queue(label, () => copy.run(this.client)) };
  }

  /** Runs `work` so that its failure undoes it alone; nothing else may be queued meanwhile. */
  async attempt(work: () => Promise<void>): Promise<void> {
    this.savepoints += 1;
    const name = `s${this.savepoints}`;
    await this.query(`SAVEPOINT ${name}`);
    try {
      await work();
      await this.query(`RELEASE SAVEPOINT ${name}`);
    } catch (error) {
      this.failedAt = undefined;
      this.tail = Promise.resolve();
      await this.query(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`);
      throw error;
    }
  }

  /** Commits and gives the connection back. When it throws, whether the transaction was committed may be unknown. */
  async commit(): Promise<void> {
    try {
      await this.tail;
      const { command } = await this.client.query('COMMIT');
      assert(command === 'COMMIT', `the transaction ended with ${command}`);
    } catch (error) {
      this.release(true);
      throw error;
    }
    this.release(false);
  }

  /** Undoes everything and gives the connection back. Never throws: a broken connection is dropped. */
  async rollback(): Promise<void> {
    await this.tail.catch(() => undefined);
    const broken = await this.client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    this.release(broken);
  }

  /** Breaks off the statement that runs, for it may run for minutes. Never throws. */
  async cancel(pool: Pool): Promise<void> {
    const { processID } = this.client as PoolClient & { processID: number };
    await pool.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => undefined);
  }

  private queue<T>(label: string, run: () => Promise<T>): Promise<T> {
    const result = this.tail.then(async () => {
      try {
        return await run();
      } catch (error) {
        this.failedAt ??= label;
        throw error;
      }
    });
    this.tail = result;
    // The caller that queued it sees the failure; the chain must not report it a second time as unhandled.
    result.catch(() => undefined);
    return result;
  }

  private release(broken: boolean): void {
    this.client.off('error', this.onClientError);
    this.client.release(broken);
  }
}

/** Runs `work` in a transaction and commits it; any failure rolls it back and is thrown on. `settings`: see `begin`. */
export async function inTransaction<T>(
  pool: Pool,
  work: (transaction: Transaction) => Promise<T>,
  settings = '',
): Promise<T> {
  const transaction = await Transaction.begin(pool, settings);
  let result: T;
  try {
    result = await work(transaction);
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
  await transaction.commit();
  return result;
}
