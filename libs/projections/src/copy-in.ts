import type { Connection, PoolClient, Submittable } from 'pg';

/** The part of pg's protocol connection that COPY needs; its types leave it out. */
type CopyConnection = Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void };

/**
 * `COPY … FROM STDIN` as a query of pg's own kind: pg calls its `handle…` methods as the server's messages arrive. Data
 * may be written before the statement runs, and goes out without waiting for the server to ask for it, so that the
 * server has work while more is made. When it refuses the statement it ignores the data (PostgreSQL, "COPY Operations").
 */
export class CopyIn implements Submittable {
  /** Set by `run`; pg wants it to be there from the start. */
  callback: (error: Error | null) => void = () => undefined;
  private pieces: Buffer[] = [];
  private connection: CopyConnection | undefined;
  private ended = false;
  private over = false;

  constructor(private readonly text: string) {}

  /** Runs the statement; resolves when the server has taken all data, rejects as a query does. */
  run(client: PoolClient): Promise<void> {
    return new Promise((resolve, reject) => {
      this.callback = (error) => (error === null ? resolve() : reject(error));
      client.query(this);
    });
  }

  /** More lines. */
  write(data: Buffer): void {
    if (this.connection === undefined) this.pieces.push(data);
    else if (!this.over) this.connection.sendCopyFromChunk(data);
  }

  /** There are no more lines; without it the statement never ends. */
  end(): void {
    this.ended = true;
    if (this.connection !== undefined && !this.over) this.connection.endCopyFrom();
  }

  submit(connection: Connection): void {
    const stream = connection.stream;
    stream.cork();
    connection.query(this.text);
    this.connection = connection as CopyConnection;
    for (const piece of this.pieces) this.connection.sendCopyFromChunk(piece);
    this.pieces = [];
    if (this.ended) this.connection.endCopyFrom();
    stream.uncork();
  }

  handleError(error: Error): void {
    this.over = true;
    this.callback(error);
  }

  handleReadyForQuery(): void {
    if (!this.over) this.callback(null);
    this.over = true;
  }

  handleCopyInResponse(): void {}
  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
}
