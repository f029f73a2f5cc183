import pg from 'pg';
import type { ChunkKind, SnapshotChunk, SnapshotHead } from './security-snapshot.js';
import { type KeptSnapshot, SecuritySnapshotStore } from './security-snapshot-store.js';

/** One server writes at a time; the number is ours alone. */
const WRITE_LOCK = 7_011_984_226_153_044n;
const CHUNKS_A_READ = 16;
const STATEMENT_TIMEOUT_MS = 60_000;

interface HeadRow {
  readonly uid: string;
  readonly format: string;
  readonly fold: number;
  readonly installation: string;
  readonly event_id: string;
  readonly stream: string;
  readonly revision: string;
  readonly position: string;
  readonly seal: string;
}

/** Keeps the snapshot in two tables of the database that holds the log. */
export class SecuritySnapshotTable extends SecuritySnapshotStore {
  constructor(private readonly connectionString: string) {
    super();
  }

  read<T>(use: (kept: KeptSnapshot | null) => Promise<T>): Promise<T> {
    return this.transaction('begin isolation level repeatable read read only', async (client) => {
      const { rows } = await client.query<HeadRow>(
        'select uid, format, fold, installation, event_id, stream, revision, position, seal from platform.security_snapshots',
      );
      const row = rows[0];
      if (row === undefined) return use(null);
      const { uid, event_id: eventId, seal, ...rest } = row;
      return use({ head: { ...rest, eventId }, chunks: chunksIn(client, uid), seal });
    });
  }

  write(head: SnapshotHead, chunks: Iterable<SnapshotChunk>, seal: () => string): Promise<boolean> {
    return this.transaction('begin', async (client) => {
      const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [
        WRITE_LOCK,
      ]);
      if (rows[0]?.mine !== true || (await this.isBehind(client, head))) return false;
      const begun = await client.query<{ uid: string }>('select gen_random_uuid() as uid');
      const uid = begun.rows[0]?.uid;
      let number = 0;
      for (const { kind, bytes } of chunks) {
        await client.query({
          name: 'security_snapshot_chunk',
          text: 'insert into platform.security_snapshot_chunks (snapshot, number, kind, bytes) values ($1, $2, $3, $4)',
          values: [uid, number, kind, bytes],
        });
        number += 1;
      }
      const { format, fold, installation, eventId, stream, revision, position } = head;
      await client.query('delete from platform.security_snapshots');
      await client.query('delete from platform.security_snapshot_chunks where snapshot <> $1', [uid]);
      await client.query(
        `insert into platform.security_snapshots
          (uid, format, fold, installation, event_id, stream, revision, position, seal)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [uid, format, fold, installation, eventId, stream, revision, position, seal()],
      );
      return true;
    });
  }

  /** True when what is kept is of the same kind and reaches as far. */
  private async isBehind(client: pg.Client, { format, fold, installation, position }: SnapshotHead): Promise<boolean> {
    const { rowCount } = await client.query(
      `select from platform.security_snapshots
        where format = $1 and fold = $2 and installation = $3 and position >= $4`,
      [format, fold, installation, position],
    );
    return rowCount !== 0;
  }

  private async transaction<T>(begin: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({
      connectionString: this.connectionString,
      application_name: 'token-ledger snapshot',
      statement_timeout: STATEMENT_TIMEOUT_MS,
    });
    // A connection that is lost is told by the query that uses it.
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(begin);
      const result = await work(client);
      await client.query('commit');
      return result;
    } finally {
      await client.end();
    }
  }
}

async function* chunksIn(client: pg.Client, snapshot: string): AsyncGenerator<SnapshotChunk> {
  for (let from = 0; ; from += CHUNKS_A_READ) {
    // As text: the driver reads binary fields as UTF-8, which breaks bytes.
    const { rows } = await client.query<{ kind: ChunkKind; bytes: Buffer }>(
      `select kind, bytes from platform.security_snapshot_chunks
        where snapshot = $1 and number >= $2 and number < $3 order by number`,
      [snapshot, from, from + CHUNKS_A_READ],
    );
    yield* rows;
    if (rows.length < CHUNKS_A_READ) return;
  }
}
