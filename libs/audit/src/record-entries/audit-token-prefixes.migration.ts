import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Entries tell the prefix of the token that they are about: the rows are made again from the log. */
export class AuditTokenPrefixes1764000004400 implements MigrationInterface {
  readonly name = 'AuditTokenPrefixes1764000004400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      TRUNCATE read_model.audit_entries;
      DELETE FROM read_model.dead_letters WHERE projection = 'audit-entries';
      DELETE FROM read_model.projection_checkpoints WHERE name = 'audit-entries';
      ALTER TABLE read_model.audit_entries ADD COLUMN token_prefix text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE read_model.audit_entries DROP COLUMN token_prefix');
  }
}
