import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The events of rows that say the prefix of their token. */
const SAY_IT = `('TokenCreated', 'OrgCharged', 'UserCharged', 'ChargeReversed')`;

/**
 * Rows tell the prefix of their token where their events say it. Those that are there take it from the read model of
 * tokens, which stands where they do, so that nobody sees an audit log that is half filled.
 */
export class AuditTokenPrefixes1764000004400 implements MigrationInterface {
  readonly name = 'AuditTokenPrefixes1764000004400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE read_model.audit_entries ADD COLUMN token_prefix text;
      DO $$ BEGIN
        IF to_regclass('read_model.tokens') IS NOT NULL THEN
          UPDATE read_model.audit_entries entry SET token_prefix = token.prefix FROM read_model.tokens token
          WHERE token.uid = entry.token_uid AND entry.action IN ${SAY_IT};
        END IF;
      END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE read_model.audit_entries DROP COLUMN token_prefix');
  }
}
