import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a search for a text, an id or a time needs in a large audit log: without it each reads all rows of rare events.
 *
 * `q` looks in six columns; one without an index is enough to make all others useless. Words within the reason and the
 * user agent need pg_trgm, which comes with PostgreSQL but not with every managed one: there `q` is answered all the
 * same, from every row.
 *
 * Rows are listed in the order of their positions, and nothing says that time goes the same way. Where rows of an hour
 * stand is therefore kept as it is for common events, in blocks of positions.
 */
export class AuditSearch1764000004100 implements MigrationInterface {
  readonly name = 'AuditSearch1764000004100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Its blocks are smaller from here on: it is filled again.
      TRUNCATE read_model.audit_hours;
      DELETE FROM read_model.projection_checkpoints WHERE name = 'audit-hours';
      CREATE TABLE read_model.audit_entry_hours (
        term integer NOT NULL, block bigint NOT NULL, PRIMARY KEY (term, block)
      );
      CREATE INDEX audit_entries_entry ON read_model.audit_entries (entry_uid);
      CREATE INDEX audit_entries_target ON read_model.audit_entries (target_uid) WHERE target_uid IS NOT NULL;
      CREATE INDEX audit_entries_owner ON read_model.audit_entries (owner_uid) WHERE owner_uid IS NOT NULL;
      CREATE INDEX audit_entries_request ON read_model.audit_entries (request_id) WHERE request_id IS NOT NULL;
      CREATE INDEX audit_entries_correlation ON read_model.audit_entries (correlation_id)
        WHERE correlation_id IS NOT NULL;
      DO $$ BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
        CREATE INDEX audit_entries_reason ON read_model.audit_entries USING gin (reason public.gin_trgm_ops);
        CREATE INDEX audit_entries_agent ON read_model.audit_entries USING gin (user_agent public.gin_trgm_ops);
      EXCEPTION WHEN insufficient_privilege OR undefined_file OR undefined_object OR feature_not_supported THEN
        RAISE WARNING 'no index for the search of the audit log: %', SQLERRM;
      END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE read_model.audit_entry_hours');
    for (const name of ['entry', 'target', 'owner', 'request', 'correlation', 'reason', 'agent']) {
      await runner.query(`DROP INDEX IF EXISTS read_model.audit_entries_${name}`);
    }
  }
}
