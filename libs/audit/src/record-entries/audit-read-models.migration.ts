import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The table of audit entries and the indexes of its filters, for what is rare; and for uses and their charges, which are
 * 99 % of all events, two indexes of terms: where in the log there is something of a token, an address, an hour.
 */
export class AuditReadModels1764000004000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE SCHEMA IF NOT EXISTS read_model');
    await queryRunner.query(`
      CREATE TABLE read_model.audit_entries (
        position bigint PRIMARY KEY,
        entry_uid text NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        action text NOT NULL,
        outcome text NOT NULL,
        actor_type text NOT NULL,
        actor_uid text NOT NULL,
        target_type text,
        target_uid text,
        token_uid text,
        organization_uid text,
        owner_uid text,
        ip text,
        user_agent text,
        request_id text,
        correlation_id text,
        reason text,
        changes jsonb
      )`);
    for (const table of ['audit_terms', 'audit_hours']) {
      await queryRunner.query(
        `CREATE TABLE read_model.${table} (term integer NOT NULL, block bigint NOT NULL, PRIMARY KEY (term, block))`,
      );
    }
    for (const [name, definition] of INDEXES) {
      await queryRunner.query(`CREATE INDEX ${name} ON read_model.audit_entries ${definition}`);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE read_model.audit_entries, read_model.audit_terms, read_model.audit_hours');
  }
}

const INDEXES: readonly (readonly [string, string])[] = [
  ['audit_entries_token', '(token_uid, position) WHERE token_uid IS NOT NULL'],
  ['audit_entries_organization', '(organization_uid, position) WHERE organization_uid IS NOT NULL'],
  ['audit_entries_actor', '(actor_uid, position)'],
  ['audit_entries_ip', '(ip, position) WHERE ip IS NOT NULL'],
  ['audit_entries_action', '(action, position)'],
  ['audit_entries_denied', `(position) WHERE outcome = 'denied'`],
  ['audit_entries_time', 'USING brin (occurred_at) WITH (pages_per_range = 32)'],
];
