import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the projections stand, and what they could not fold. Read models themselves are made by their features. */
export class ProjectionTables1764000000002 implements MigrationInterface {
  readonly name = 'ProjectionTables1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA IF NOT EXISTS read_model');
    // The fill factor leaves room for the row's next version on its page: each batch rewrites all of these rows.
    await runner.query(`
      CREATE TABLE read_model.projection_checkpoints (
        name text PRIMARY KEY,
        position bigint NOT NULL,
        generation bigint NOT NULL,
        updated_at timestamptz NOT NULL
      ) WITH (fillfactor = 50)`);
    await runner.query(`
      CREATE TABLE read_model.dead_letters (
        projection text NOT NULL,
        position bigint NOT NULL,
        partition_key text NOT NULL,
        event_type text NOT NULL,
        stream text NOT NULL,
        revision bigint NOT NULL,
        error text NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (projection, position)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE read_model.dead_letters');
    await runner.query('DROP TABLE read_model.projection_checkpoints');
  }
}
