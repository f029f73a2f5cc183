import { EVENT_CONTRACTS, type EventData, type EventType, type NewEvent } from '#libs/contracts';
import { MemoryEventLog, type Position, type RecordedEvent, START } from '#libs/event-log';
import { SeededIds } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { outliveBreaks } from '#libs/postgres';
import { createTestDatabase, type TestDatabase } from '#libs/postgres/testing';
import pg from 'pg';
import { fromText, readExpression } from '../column-codec.js';
import type { Projection, Row } from '../projection.js';
import { ProjectionEngine, type ProjectionEngineOptions } from '../projection-engine.js';
import type { ProjectionReport } from '../projection-report.js';
import { ProjectionTables1764000000002 } from '../projection-tables.js';
import { ProjectorLease1764000006100 } from '../projector-lease.migration.js';
import { digestTables, type ReadModelDigest } from '../read-model-digest.js';
import { qualified, quoted } from '../table-sql.js';
import { SAMPLE_TABLES, sampleProjections } from './sample-projections.js';

const ids = new SeededIds('engine-harness', 0);
const STREAMS: Partial<Record<EventType, string>> = { TokenUsed: 'usage-a-1', OrgCharged: 'account-org_1' };

/** An event of the contract's example, changed in some fields. */
export function event<T extends EventType>(type: T, data: Partial<EventData<T>> = {}): NewEvent {
  const example = EVENT_CONTRACTS[type].example as EventData<T>;
  return { id: ids.uuid(), type, data: { ...example, ...data }, metadata: {} };
}

export const used = (tokenUid: string, data: Partial<EventData<'TokenUsed'>> = {}): NewEvent =>
  event('TokenUsed', { ...data, tokenUid });
export const revoked = (tokenUid: string): NewEvent => event('TokenRevoked', { tokenUid });
export const charged = (accountUid: string, amount = '1'): NewEvent => event('OrgCharged', { accountUid, amount });

/** Uses of seven tokens that three organizations pay for. */
export const use = (n: number): NewEvent =>
  used(`tok_${n % 7}`, { cost: String(n), payer: `org_${n % 3}`, resource: null });
/** Such uses, with charges and revocations among them. */
export const some = (count: number): NewEvent[] =>
  Array.from({ length: count }, (_, n) =>
    n % 5 === 4 ? charged(`org_${n % 3}`) : n % 19 === 18 ? revoked('tok_1') : use(n),
  );

/** A database with the sample read models, and a log in memory. */
export class EngineHarness {
  readonly clock = new ManualClock();
  readonly reports: ProjectionReport[] = [];
  log = new MemoryEventLog(this.clock);
  private readonly engines: ProjectionEngine[] = [];

  private constructor(
    private readonly database: TestDatabase,
    readonly pool: pg.Pool,
  ) {}

  get connectionString(): string {
    return this.database.connectionString;
  }

  static async open(): Promise<EngineHarness> {
    const database = await createTestDatabase();
    const pool = new pg.Pool({ connectionString: database.connectionString, max: 8, onConnect: outliveBreaks });
    pool.on('error', () => undefined);
    const harness = new EngineHarness(database, pool);
    await harness.migrate();
    return harness;
  }

  /** An engine over the database and the log; stopped when the harness is closed. */
  engine(options: Partial<ProjectionEngineOptions> = {}): ProjectionEngine {
    const { log, pool, clock } = this;
    const report = (entry: ProjectionReport): number => this.reports.push(entry);
    const engine = new ProjectionEngine({ log, pool, clock, projections: sampleProjections, report, ...options });
    this.engines.push(engine);
    return engine;
  }

  /** Appends events one by one; the position of the last. */
  async append(...events: readonly NewEvent[]): Promise<Position> {
    let position = START;
    for (const one of events) {
      const stream = STREAMS[one.type] ?? `token-${(one.data as { tokenUid: string }).tokenUid}`;
      ({ position } = await this.log.append({ streams: [{ stream, expected: 'next', events: [one] }] }));
    }
    return position;
  }

  async events(): Promise<readonly RecordedEvent[]> {
    return (await this.log.readAll({ after: START, limit: 1_000_000 })).events;
  }

  digests(projections: readonly Projection[] = sampleProjections): Promise<ReadModelDigest[]> {
    return digestTables(this.pool, projections);
  }

  /** The rows of a projection's table by their keys, as `foldInMemory` gives them. */
  async table({ table }: Projection): Promise<ReadonlyMap<string, Row>> {
    const columns = Object.entries(table.columns);
    const list = columns.map(([name, type]) => readExpression(type, quoted(name))).join(', ');
    const result = await this.pool.query<(string | null)[]>({
      text: `SELECT ${list} FROM ${qualified(table.name)}`,
      rowMode: 'array',
    });
    return new Map(
      result.rows.map((fields) => {
        const row = Object.fromEntries(columns.map(([name, type], i) => [name, fromText(type, fields[i] ?? null)]));
        return [table.key.map((name) => row[name] as string).join('|'), row];
      }),
    );
  }

  async tables(projections: readonly Projection[] = sampleProjections): Promise<Map<string, ReadonlyMap<string, Row>>> {
    const tables = new Map<string, ReadonlyMap<string, Row>>();
    for (const projection of projections) tables.set(projection.table.name, await this.table(projection));
    return tables;
  }

  /** One value from the database. */
  async value(sql: string, values: readonly unknown[] = []): Promise<unknown> {
    const { rows } = await this.pool.query<unknown[]>({ text: sql, values: [...values], rowMode: 'array' });
    return rows[0]?.[0];
  }

  /** Ends connections of others to the database: all, or those for which `condition` holds in pg_stat_activity. */
  async kill(condition = 'true'): Promise<void> {
    // On a connection of its own: the pool may give out one that was killed before it has noticed.
    const killer = new pg.Client({ connectionString: this.connectionString, application_name: 'killer' });
    await killer.connect();
    await killer.query(`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity activity
      WHERE datname = current_database() AND application_name <> 'killer' AND ${condition}`);
    await killer.end();
  }

  /** Stops the engines, and begins again with an empty log and empty tables. */
  async reset(): Promise<void> {
    await this.stopEngines();
    this.reports.length = 0;
    this.log = new MemoryEventLog(this.clock);
    await this.pool.query('DROP SCHEMA read_model CASCADE');
    await this.migrate();
  }

  async close(): Promise<void> {
    await this.stopEngines();
    await this.pool.end();
    await this.database.drop();
  }

  private async stopEngines(): Promise<void> {
    for (const engine of this.engines.splice(0)) await engine.stop();
  }

  private async migrate(): Promise<void> {
    const runner = { query: (sql: string) => this.pool.query(sql) };
    await new ProjectionTables1764000000002().up(runner as never);
    await new ProjectorLease1764000006100().up(runner as never);
    for (const sql of SAMPLE_TABLES) await this.pool.query(sql);
  }
}
