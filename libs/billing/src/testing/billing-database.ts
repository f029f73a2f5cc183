import pg from 'pg';
import { DataSource } from 'typeorm';
import { EventLogSchema1764000000000, PostgresEventLog } from '#libs/event-log';
import type { Clock } from '#libs/kernel';
import { createTestDatabase } from '#libs/postgres/testing';
import { ProjectionEngine, ProjectionTables1764000000002 } from '#libs/projections';
import { BILLING_ENTITIES, BILLING_PROJECTIONS } from '../read-model/billing-read-model.js';
import { BillingReadModels1764000003000 } from '../read-model/billing-read-models.js';

/** Log and read models in a database of their own. */
export interface BillingDatabase {
  readonly dataSource: DataSource;
  readonly pool: pg.Pool;
  readonly log: PostgresEventLog;
  readonly engine: ProjectionEngine;
  /** Another log over the same events, as a second process would open it. */
  reopen(): Promise<PostgresEventLog>;
  close(): Promise<void>;
}

export async function openBillingDatabase(clock: Clock): Promise<BillingDatabase> {
  const { connectionString, drop } = await createTestDatabase();
  const dataSource = new DataSource({
    type: 'postgres',
    url: connectionString,
    entities: [...BILLING_ENTITIES],
    migrations: [EventLogSchema1764000000000, ProjectionTables1764000000002, BillingReadModels1764000003000],
  });
  await dataSource.initialize();
  await dataSource.runMigrations();
  const logs = [await PostgresEventLog.open({ connectionString, clock })];
  const log = logs[0]!;
  const pool = new pg.Pool({ connectionString, max: 4 });
  const engine = new ProjectionEngine({ log, pool, clock, projections: BILLING_PROJECTIONS });
  return {
    dataSource,
    pool,
    log,
    engine,
    reopen: async () => {
      const other = await PostgresEventLog.open({ connectionString, clock });
      logs.push(other);
      return other;
    },
    close: async () => {
      await engine.stop();
      for (const opened of logs) await opened.close();
      await pool.end();
      await dataSource.destroy();
      await drop();
    },
  };
}
