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
    position bigint NOT NULL,
    account_uid text NOT NULL,
    revision bigint NOT NULL,
    uid text NOT NULL,
    type text NOT NULL,
    charge_number bigint,
    amount numeric NOT NULL,
    token_uid text,
    reverses text,
    key_hash text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    correlation_id text,
    credential text,
    data jsonb NOT NULL,
    PRIMARY KEY (account_uid, position)
  );
  CREATE INDEX account_entries_organizations ON read_model.account_entries (position)
    WHERE charge_number IS NOT NULL AND starts_with(account_uid, 'org_');
  CREATE INDEX account_entries_uid ON read_model.account_entries (uid);
  CREATE INDEX account_entries_key_hash ON read_model.account_entries (key_hash) WHERE key_hash IS NOT NULL;
  CREATE INDEX account_entries_reverses ON read_model.account_entries (reverses) WHERE reverses IS NOT NULL;
`;

/**
 * Tables of accounts. The rows of `accounts` are rewritten by every batch, so their pages keep room for the next version.
 * An index over the positions of all entries would tempt the planner to walk it for the feed of one account that has
 * been idle, past everybody else's charges: the partial one can serve only the feed of all organizations. No other index
 * is unique: the log decides what is charged, and a read model that could refuse a fact would stop at it.
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
