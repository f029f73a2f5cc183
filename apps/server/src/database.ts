import { outliveBreaks } from '#libs/postgres';
import { DataSource, type MigrationInterface } from 'typeorm';
import type { EntitySchema, MixedList } from 'typeorm';

/** Two servers that start at once must not both migrate; the number is ours alone. */
const MIGRATION_LOCK = 7_011_984_226_153_001n;
const POOL_MAX = 8;

export interface DatabaseParts {
  readonly entities: MixedList<string | EntitySchema | (new () => unknown)>;
  readonly migrations: readonly (new () => MigrationInterface)[];
}

/** Connects TypeORM, which owns entities, migrations and queries of the read models. */
export async function openDatabase(connectionString: string, parts: DatabaseParts): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: connectionString,
    entities: parts.entities as never,
    migrations: [...parts.migrations],
    // Named, because the default search path begins with a schema of the role's own name, and there may be one.
    schema: 'public',
    migrationsTableName: 'ledger_migrations',
    synchronize: false,
    logging: false,
    poolSize: POOL_MAX,
    applicationName: 'token-ledger',
    extra: { onConnect: outliveBreaks },
  });
  return dataSource.initialize();
}

/** Brings the schema up to date; servers that start at once wait for the one that does it. */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  try {
    await runner.query(`SELECT pg_advisory_lock(${MIGRATION_LOCK})`);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await runner.query(`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`);
    await runner.release();
  }
}
