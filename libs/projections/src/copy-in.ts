import type { Connection, PoolClient, Submittable } from 'pg';

/** The part of pg's protocol connection that COPY needs; its types leave it out. */
type CopyConnection = Connection & { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void };

/** Runs `COPY … FROM STDIN` with `data` as its input. Rejects as a query does; nothing is stored then. */
export function copyIn(client: PoolClient, text: string, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(text, data, (error) => (error === null ? resolve() : reject(error))));
  });
}

/** A query of pg's own kind: pg calls these methods as the server's messages arrive. */
class CopyIn implements Submittable {
  private failed = false;

  constructor(
    private readonly text: string,
    private readonly data: Buffer,
    public callback: (error: Error | null) => void,
  ) {}

  /**
   * The data follows the statement without waiting for the server to ask for it, so that the server has work while
   * the next statement is made. When it refuses the statement it ignores the data (PostgreSQL, "COPY Operations").
   */
  submit(connection: Connection): void {
    connection.stream.cork();
    connection.query(this.text);
    (connection as CopyConnection).sendCopyFromChunk(this.data);
    (connection as CopyConnection).endCopyFrom();
    connection.stream.uncork();
  }

  handleError(error: Error): void {
    this.failed = true;
    this.callback(error);
  }

  handleReadyForQuery(): void {
    if (!this.failed) this.callback(null);
  }

  handleCopyInResponse(): void {}
  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
}
