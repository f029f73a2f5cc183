import type { Settings } from '#libs/config';
import type { Projection } from '#libs/projections';
import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm';

/** The read models were filled from the log of another store: its positions mean nothing in this one. */
export class OtherLog extends Error {
  override name = 'OtherLog';

  constructor(filledFrom: string, current: string) {
    super(
      `The read models were filled from the log in ${filledFrom}, and the log is in ${current} now. ` +
        'Stop every server, and run `npm run rebuild`.',
    );
  }
}

/** Which store the events came from that the read models hold. */
export class LogOfReadModels1764000006000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE platform.log_of_read_models (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        store text NOT NULL
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE platform.log_of_read_models');
  }
}

/** Throws OtherLog: read on from where it stands in another log, a read model would count events twice or leave them out. */
export async function refuseOtherLog(dataSource: DataSource, settings: Settings): Promise<void> {
  const current = storeOf(settings);
  const filledFrom = await rememberedStore(dataSource, current);
  if (filledFrom !== current) throw new OtherLog(filledFrom, current);
}

/**
 * Empties read models that were filled from another log, all in one transaction, so that whoever comes next fills them
 * from the beginning of this one. False where they are of this log, and nothing was done. No server may be running.
 */
export async function forgetOtherLog(
  dataSource: DataSource,
  settings: Settings,
  projections: readonly Projection[],
): Promise<boolean> {
  const current = storeOf(settings);
  if ((await rememberedStore(dataSource, current)) === current) return false;
  const tables = projections.map(({ table }) => `read_model."${table.name}"`).join(', ');
  await dataSource.transaction(async (manager) => {
    await manager.query(`TRUNCATE ${tables}, read_model.projection_checkpoints, read_model.dead_letters`);
    await manager.query('UPDATE platform.log_of_read_models SET store = $1', [current]);
  });
  return true;
}

const storeOf = ({ eventStoreUrl }: Settings): string => (eventStoreUrl === null ? 'PostgreSQL' : 'EventStoreDB');

async function rememberedStore(dataSource: DataSource, current: string): Promise<string> {
  await dataSource.query('INSERT INTO platform.log_of_read_models (store) VALUES ($1) ON CONFLICT DO NOTHING', [
    current,
  ]);
  const rows = await dataSource.query<{ store: string }[]>('SELECT store FROM platform.log_of_read_models');
  return rows[0]?.store ?? current;
}
