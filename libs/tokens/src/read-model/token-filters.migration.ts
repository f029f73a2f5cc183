import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Indexes for what is rare in a large list: tokens of a type or a status that few have, and those whose text holds a
 * word. What is common is found by walking the list in its order, and needs none.
 *
 * The search needs pg_trgm, which comes with PostgreSQL but not with every managed one. Without it `q` is answered all
 * the same, from every row.
 */
export class TokenFilters1764000001100 implements MigrationInterface {
  readonly name = 'TokenFilters1764000001100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX tokens_type ON read_model.tokens (type);
      CREATE INDEX tokens_status ON read_model.tokens (status);
      DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
        CREATE INDEX tokens_search ON read_model.tokens USING gin (search public.gin_trgm_ops);
      EXCEPTION WHEN insufficient_privilege OR undefined_file OR undefined_object OR feature_not_supported THEN
        RAISE WARNING 'no index for the search of tokens: %', SQLERRM;
      END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX read_model.tokens_type, read_model.tokens_status');
    await runner.query('DROP INDEX IF EXISTS read_model.tokens_search');
  }
}
