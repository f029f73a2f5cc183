import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FreeUseKeys1764000005000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE SCHEMA IF NOT EXISTS read_model');
    await queryRunner.query(`
      CREATE TABLE read_model.free_use_keys (
        key_hash text PRIMARY KEY,
        use_id text NOT NULL,
        fingerprint text NOT NULL,
        position bigint NOT NULL
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE read_model.free_use_keys');
  }
}
