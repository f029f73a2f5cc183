import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Refused uses have terms of their own from here on, and the blocks of hours are smaller: both indexes are filled again.
 * A list of a long time asks for its blocks in the order of the log, a part at a time, whatever their hours.
 */
export class AuditNarrowSearch1764000004200 implements MigrationInterface {
  readonly name = 'AuditNarrowSearch1764000004200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      TRUNCATE read_model.audit_terms, read_model.audit_hours;
      DELETE FROM read_model.dead_letters WHERE projection IN ('audit-terms', 'audit-hours');
      DELETE FROM read_model.projection_checkpoints WHERE name IN ('audit-terms', 'audit-hours');
      CREATE INDEX audit_hours_block ON read_model.audit_hours (block, term)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX read_model.audit_hours_block');
  }
}
