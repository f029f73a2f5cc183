import type { DataSource } from 'typeorm';
import type { Json } from '#libs/kernel';
import {
  type ClaimResult,
  type IdempotencyClaim,
  IdempotencyStore,
  KEPT_MS,
  type StoredAnswer,
} from './idempotency-store.js';

interface KeyRow {
  readonly fingerprint: string;
  readonly seed: string;
  readonly at_ms: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: string | null;
}

/** Rows are removed by release and purge only, so a key that is neither new nor there was given back just now. */
const CLAIM_ATTEMPTS = 5;

/** Idempotency keys in the table `platform.idempotency_keys`. */
export class PostgresIdempotencyStore extends IdempotencyStore {
  constructor(private readonly database: DataSource) {
    super();
  }

  async claim(claim: IdempotencyClaim): Promise<ClaimResult> {
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt += 1) {
      if (await this.insert(claim)) return { kind: 'claimed' };
      const row = await this.find(claim);
      if (row !== undefined) return resultOf(row);
    }
    throw new Error('an idempotency key was given back again and again while it was claimed');
  }

  async keepAnswer(caller: string, keyHash: string, answer: StoredAnswer): Promise<void> {
    const body = answer.body === undefined ? null : JSON.stringify(answer.body);
    await this.database.query(
      `update platform.idempotency_keys set status = $3, headers = $4, body = $5
       where caller = $1 and key_hash = $2 and status is null`,
      [caller, keyHash, answer.status, JSON.stringify(answer.headers), body],
    );
  }

  async release(caller: string, keyHash: string): Promise<void> {
    await this.database.query(
      'delete from platform.idempotency_keys where caller = $1 and key_hash = $2 and status is null',
      [caller, keyHash],
    );
  }

  async purge(beforeMs: number): Promise<number> {
    const [row] = await this.database.query<{ purged: number }[]>(
      `with purged as (
         delete from platform.idempotency_keys where not money and claimed_at < to_timestamp($1::numeric / 1000) returning 1
       ) select count(*)::int as purged from purged`,
      [beforeMs],
    );
    return row?.purged ?? 0;
  }

  private async insert({ caller, keyHash, fingerprint, seed, atMs, money }: IdempotencyClaim): Promise<boolean> {
    const rows = await this.database.query<unknown[]>(
      `insert into platform.idempotency_keys as known (caller, key_hash, fingerprint, seed, claimed_at, at_ms, money)
       values ($1, $2, $3, $4, to_timestamp($5::numeric / 1000), $5, $6)
       on conflict (caller, key_hash) do update
         set fingerprint = excluded.fingerprint, seed = excluded.seed, claimed_at = excluded.claimed_at,
           at_ms = excluded.at_ms, money = excluded.money, status = null, headers = null, body = null
         where not known.money and known.at_ms < $7
       returning 1`,
      [caller, keyHash, fingerprint, seed, atMs, money, atMs - KEPT_MS],
    );
    return rows.length === 1;
  }

  private async find({ caller, keyHash }: IdempotencyClaim): Promise<KeyRow | undefined> {
    const rows = await this.database.query<KeyRow[]>(
      `select fingerprint, seed, at_ms::text, status, headers, body
       from platform.idempotency_keys where caller = $1 and key_hash = $2`,
      [caller, keyHash],
    );
    return rows[0];
  }
}

function resultOf({ fingerprint, seed, at_ms: atMs, status, headers, body }: KeyRow): ClaimResult {
  if (status === null) return { kind: 'pending', fingerprint, seed, atMs: Number(atMs) };
  const answer = { status, headers: headers ?? {}, body: body === null ? undefined : (JSON.parse(body) as Json) };
  return { kind: 'answered', fingerprint, answer };
}
