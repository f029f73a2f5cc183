import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import pg from 'pg';
import { AbstractLogger, type LogMessage } from 'typeorm';
import { readSettings } from '#libs/config';
import { SystemClock } from '#libs/kernel';
import { createTestDatabase, type TestDatabase } from '#libs/postgres/testing';
import { type RunningServer, startServer } from '../../apps/server/src/server.js';
import { costsOf, type PlanCosts, type SentQuery } from './plan-reader.js';

/** A page holds 50 rows. The rare ones of a filter may all be read and sorted, but not a large part of the table. */
export const ROWS_READ_MAX = 3_000;

/** Keeps what TypeORM sends. */
class SentQueries extends AbstractLogger {
  readonly sent: SentQuery[] = [];

  constructor() {
    super(['query']);
  }

  override logQuery(sql: string, parameters: readonly unknown[] = []): void {
    this.sent.push({ sql, parameters });
  }

  protected writeLog(_level: string, _message: LogMessage | string | number | (LogMessage | string | number)[]): void {
    // Only queries are of interest, and those are kept above.
  }
}

const CLOCK = new SystemClock();

/** A server whose tables a test fills, and what its calls then cost PostgreSQL. */
export class LargeLedger {
  readonly client: pg.Client;
  admin = '';
  private readonly log = new SentQueries();

  private constructor(
    readonly server: RunningServer,
    /** Tables that grow with the ledger, of which no statement may read a large part. */
    private readonly large: readonly string[],
    private readonly database: TestDatabase,
    private readonly dataDir: string,
  ) {
    this.client = new pg.Client({ connectionString: database.connectionString });
  }

  /** `startsAt`: what its clock says at the start, for tables that are filled with what happens after it. */
  static async start(large: readonly string[], startsAt = CLOCK.now()): Promise<LargeLedger> {
    const database = await createTestDatabase();
    const dataDir = await mkdtemp(join(tmpdir(), 'token-ledger-plans-'));
    const settings = readSettings({
      PORT: '0',
      DATABASE_URL: database.connectionString,
      TOKEN_LEDGER_DATA_DIR: dataDir,
      TOKEN_LEDGER_JOBS: 'false',
      TOKEN_LEDGER_CLOCK_OFFSET_MS: String(startsAt - CLOCK.now()),
      LOG_LEVEL: 'fatal',
    });
    const server = await startServer(settings, { demo: false, announce: false });
    const ledger = new LargeLedger(server, large, database, dataDir);
    await ledger.client.connect();
    ledger.admin = (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();
    return ledger;
  }

  async stop(): Promise<void> {
    await this.client.end();
    await this.server.shutdown.run();
    await this.database.drop();
    await rm(this.dataDir, { recursive: true });
  }

  /** From now on statements are kept. */
  watch(): void {
    this.server.services.store.dataSource.setOptions({ logger: this.log });
  }

  /** Forgets the statements of earlier calls. */
  forget(): void {
    this.log.sent.length = 0;
  }

  async call(method: string, path: string, { body, secret = this.admin }: { body?: object; secret?: string } = {}) {
    const response = await fetch(this.server.address + path, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        'idempotency-key': randomUUID(),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** What the first two pages of a list cost, statement by statement; of statements on tables that stay small nothing. */
  async costsOfList(path: string, secret = this.admin): Promise<PlanCosts[]> {
    this.forget();
    const { nextCursor } = await this.call('GET', path, { secret });
    const joiner = path.includes('?') ? '&' : '?';
    if (typeof nextCursor === 'string') await this.call('GET', `${path}${joiner}cursor=${nextCursor}`, { secret });
    return this.costsOfSent();
  }

  async costsOfSent(): Promise<PlanCosts[]> {
    const sent = this.log.sent.filter(({ sql }) => this.large.some((table) => new RegExp(`\\b${table}\\b`).test(sql)));
    const costs: PlanCosts[] = [];
    for (const query of [...sent]) costs.push(await costsOf(this.client, query));
    return costs;
  }

  isBad({ scanned, rowsRead }: PlanCosts): boolean {
    return rowsRead > ROWS_READ_MAX || scanned.some((table) => this.large.includes(table));
  }

  async expectIndexed(path: string, secret?: string): Promise<void> {
    const costs = await this.costsOfList(path, secret);
    expect({ path, statements: costs.length > 0 }).toEqual({ path, statements: true });
    expect({ path, bad: costs.filter((cost) => this.isBad(cost)) }).toEqual({ path, bad: [] });
  }
}
