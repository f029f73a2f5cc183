import pg from 'pg';
import { DataSource } from 'typeorm';
import { EVENT_CONTRACTS, type EventData, type EventType, type NewEvent } from '#libs/contracts';
import { MemoryEventLog, type RecordedEvent, START } from '#libs/event-log';
import { SeededIds, toInstant } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { createTestDatabase } from '#libs/postgres/testing';
import { ProjectionEngine, ProjectionTables1764000000002 } from '#libs/projections';
import { AuditEntryReader } from '../list-entries/audit-entry-reader.js';
import { CommonEntries } from '../list-entries/common-entries.js';
import { EntrySpans } from '../list-entries/entry-spans.js';
import { TokenPrefixes } from '../list-entries/token-prefixes.js';
import { RareEntries } from '../list-entries/rare-entries.js';
import { TermIndex } from '../list-entries/term-index.js';
import { AUDIT_ENTITIES, AUDIT_PROJECTIONS } from '../record-entries/audit-read-model.js';
import { AuditReadModels1764000004000 } from '../record-entries/audit-read-models.migration.js';
import { AuditNarrowSearch1764000004200 } from '../record-entries/audit-narrow-search.migration.js';
import { AuditTimes1764000004300 } from '../record-entries/audit-times.migration.js';
import { AuditTokenPrefixes1764000004400 } from '../record-entries/audit-token-prefixes.migration.js';
import { AuditSearch1764000004100 } from '../record-entries/audit-search.migration.js';

/** What a page of the world below may cost, so that a small log reaches the bounds. */
export interface SmallBudget {
  readonly events: number;
  readonly queries: number;
}

class ThriftyEntries extends CommonEntries {
  protected override readonly budget: SmallBudget;

  constructor(log: MemoryEventLog, dataSource: DataSource, budget: SmallBudget) {
    super(log, new TermIndex(dataSource), dataSource);
    this.budget = budget;
  }
}

/** The audit log over a log in memory and read models in a database of their own. */
export class AuditWorld {
  readonly engine: ProjectionEngine;
  private readonly ids = new SeededIds('audit-world', 0);

  private constructor(
    readonly clock: ManualClock,
    readonly log: MemoryEventLog,
    readonly dataSource: DataSource,
    private readonly database: { readonly pool: pg.Pool; readonly drop: () => Promise<void> },
  ) {
    const { pool } = this;
    this.engine = new ProjectionEngine({ log, pool, clock, projections: AUDIT_PROJECTIONS, batchSize: 100 });
  }

  get pool(): pg.Pool {
    return this.database.pool;
  }

  static async open(openLog = (clock: ManualClock) => new MemoryEventLog(clock)): Promise<AuditWorld> {
    const { connectionString, drop } = await createTestDatabase();
    const migrations = [
      ProjectionTables1764000000002,
      AuditReadModels1764000004000,
      AuditSearch1764000004100,
      AuditNarrowSearch1764000004200,
      AuditTimes1764000004300,
      AuditTokenPrefixes1764000004400,
    ];
    const dataSource = new DataSource({
      type: 'postgres',
      url: connectionString,
      entities: [...AUDIT_ENTITIES],
      migrations,
    });
    await dataSource.initialize();
    await dataSource.runMigrations();
    const clock = new ManualClock();
    const pool = new pg.Pool({ connectionString, max: 4 });
    return new AuditWorld(clock, openLog(clock), dataSource, { pool, drop });
  }

  reader(budget?: SmallBudget): AuditEntryReader {
    const { log, dataSource } = this;
    const common =
      budget === undefined
        ? new CommonEntries(log, new TermIndex(dataSource), dataSource)
        : new ThriftyEntries(log, dataSource, budget);
    return new AuditEntryReader(
      new RareEntries(dataSource, new EntrySpans(dataSource), new TokenPrefixes(dataSource)),
      common,
      dataSource,
    );
  }

  /** An event as the contract's example has it, changed in some fields. */
  event<T extends EventType>(
    type: T,
    data: Partial<EventData<T>>,
    metadata: Readonly<Record<string, string>> = {},
  ): NewEvent {
    const occurredAt = toInstant(this.clock.now());
    const example = EVENT_CONTRACTS[type].example as EventData<T>;
    const of = { occurredAt, actorType: 'user', actorUid: 'usr_1', ...metadata };
    return { id: this.ids.uuid(), type, data: { ...example, ...data }, metadata: of };
  }

  async append(stream: string, ...events: readonly NewEvent[]): Promise<void> {
    await this.log.append({ streams: [{ stream, expected: 'any', events }] });
  }

  async events(): Promise<readonly RecordedEvent[]> {
    return (await this.log.readAll({ after: START, limit: 1_000_000 })).events;
  }

  async close(): Promise<void> {
    await this.engine.stop();
    await this.pool.end();
    await this.dataSource.destroy();
    await this.database.drop();
  }
}
