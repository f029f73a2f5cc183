import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  CREATE SCHEMA IF NOT EXISTS read_model;
  CREATE TABLE read_model.accounts (
    uid text PRIMARY KEY,
    revision bigint NOT NULL,
    position bigint NOT NULL,
    mode text NOT NULL,
    credit_limit numeric,
    balance numeric NOT NULL,
    charge_number bigint NOT NULL,
    state jsonb NOT NULL
  ) WITH (fillfactor = 70);
  CREATE TABLE read_model.account_entries (
    uid text COLLATE "C" PRIMARY KEY,
    account_uid text NOT NULL,
    revision bigint NOT NULL,
    key_hash text,
    reverses text
  );
  CREATE INDEX account_entries_key_hash ON read_model.account_entries (key_hash) WHERE key_hash IS NOT NULL;
  CREATE INDEX account_entries_reverses ON read_model.account_entries (reverses) WHERE reverses IS NOT NULL;
`;

/**
 * Tables of accounts. The rows of `accounts` are rewritten by every batch, so their pages keep room for the next version.
 * Uids of charges sort by time, so a new row goes to the end of the one index that each of them has; keys and reversals
 * are few. No index but that of the uids is unique: the log decides what is charged, and a read model that could refuse
 * a fact would stop at it.
 */
export class BillingReadModels1764000003000 implements MigrationInterface {
  readonly name = 'BillingReadModels1764000003000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE read_model.accounts, read_model.account_entries');
  }
}
