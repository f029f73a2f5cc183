import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where the newest snapshot of the security state is kept. It can be emptied at any time: the next start replays the log. */
export class SecuritySnapshots1764000005100 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE SCHEMA IF NOT EXISTS platform');
    await queryRunner.query(`
      CREATE TABLE platform.security_snapshots (
        singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
        uid uuid NOT NULL,
        format text NOT NULL,
        fold integer NOT NULL,
        installation text NOT NULL,
        event_id text NOT NULL,
        stream text NOT NULL,
        revision bigint NOT NULL,
        position bigint NOT NULL,
        seal text NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query(`
      CREATE TABLE platform.security_snapshot_chunks (
        snapshot uuid NOT NULL,
        number integer NOT NULL,
        kind text NOT NULL,
        bytes bytea NOT NULL,
        PRIMARY KEY (snapshot, number)
      )`);
    // The records hold hashes, which no compression makes smaller.
    await queryRunner.query('ALTER TABLE platform.security_snapshot_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE platform.security_snapshot_chunks');
    await queryRunner.query('DROP TABLE platform.security_snapshots');
  }
}
