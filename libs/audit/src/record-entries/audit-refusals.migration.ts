import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Refused uses have terms of their own from here on: the index of terms is filled again. */
export class AuditRefusals1764000004200 implements MigrationInterface {
  readonly name = 'AuditRefusals1764000004200';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      TRUNCATE read_model.audit_terms;
      DELETE FROM read_model.dead_letters WHERE projection = 'audit-terms';
      DELETE FROM read_model.projection_checkpoints WHERE name = 'audit-terms'`);
  }

  /** Terms that nobody asks for do no harm. */
  async down(): Promise<void> {}
}
