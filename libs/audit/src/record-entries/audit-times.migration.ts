import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The time of common events is indexed by minutes and that of rare ones by ten of them, no longer by hours. The tables of
 * hours stay as they are for servers of the version before; the next version may drop them, with their checkpoints.
 */
export class AuditTimes1764000004300 implements MigrationInterface {
  readonly name = 'AuditTimes1764000004300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE read_model.audit_minutes (term integer NOT NULL, block bigint NOT NULL, PRIMARY KEY (term, block));
      CREATE INDEX audit_minutes_block ON read_model.audit_minutes (block, term);
      CREATE TABLE read_model.audit_entry_spans (
        term integer NOT NULL, block bigint NOT NULL, PRIMARY KEY (term, block)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE read_model.audit_minutes, read_model.audit_entry_spans;
      DELETE FROM read_model.dead_letters WHERE projection IN ('audit-minutes', 'audit-entry-spans');
      DELETE FROM read_model.projection_checkpoints WHERE name IN ('audit-minutes', 'audit-entry-spans')`);
  }
}
