import type { MigrationInterface, QueryRunner } from 'typeorm';

export class UseCompletion1764000003100 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE SCHEMA IF NOT EXISTS platform');
    await queryRunner.query(`
      CREATE TABLE platform.use_completion (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        position bigint NOT NULL
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE platform.use_completion');
  }
}
