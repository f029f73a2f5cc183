import type { MigrationInterface, QueryRunner } from 'typeorm';

const TOKENS = `
  CREATE TABLE read_model.tokens (
    uid text PRIMARY KEY,
    type text NOT NULL,
    owner_type text NOT NULL,
    owner_uid text NOT NULL,
    handle text NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    prefix text NOT NULL,
    status text NOT NULL,
    access jsonb NOT NULL,
    scopes text[] NOT NULL,
    projects text[] NOT NULL,
    environment text,
    organizations text[],
    allowed_ips text[],
    created_at timestamptz NOT NULL,
    created_by_type text NOT NULL,
    created_by_uid text NOT NULL,
    expires_at timestamptz,
    never_reason text,
    unused_since timestamptz,
    revoked_at timestamptz,
    revoked_by_type text,
    revoked_by_uid text,
    revoke_reason text,
    secret_versions jsonb NOT NULL,
    custody text NOT NULL,
    metadata jsonb NOT NULL,
    search text NOT NULL,
    last_used_hour timestamptz
  ) WITH (fillfactor = 70);
  CREATE INDEX tokens_created ON read_model.tokens (created_at, uid);
  CREATE INDEX tokens_owner ON read_model.tokens (owner_uid, created_at, uid);
  CREATE INDEX tokens_name ON read_model.tokens (name_key, uid);
  CREATE INDEX tokens_expires ON read_model.tokens ((COALESCE(expires_at, 'infinity'::timestamptz)), uid);
  CREATE INDEX tokens_expiring ON read_model.tokens (expires_at, uid)
    WHERE status IN ('active', 'disabled') AND expires_at IS NOT NULL;
  CREATE INDEX tokens_last_used ON read_model.tokens ((COALESCE(last_used_hour, '-infinity'::timestamptz)), uid);
  CREATE INDEX tokens_flagged_unused ON read_model.tokens (uid) WHERE unused_since IS NOT NULL;
`;

const USAGE = `
  CREATE TABLE read_model.usage_hours (
    token_uid text NOT NULL,
    bucket timestamptz NOT NULL,
    outcome text NOT NULL,
    calls bigint NOT NULL,
    charged numeric NOT NULL,
    last_used_at timestamptz,
    last_used_ip text,
    last_used_user_agent text,
    last_used_requester text,
    PRIMARY KEY (token_uid, bucket, outcome)
  ) WITH (fillfactor = 70);
`;

/**
 * Tables of tokens and their usage. No index holds the instant of a last use: it changes with every batch of uses, and a
 * row whose indexed columns stay as they are is updated in place (heap-only tuples; room is left for them by the fill
 * factor). What is sorted by it goes by the hour first, which an index holds.
 */
export class TokensReadModels1764000001000 implements MigrationInterface {
  readonly name = 'TokensReadModels1764000001000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA IF NOT EXISTS read_model');
    await runner.query(`${TOKENS}${USAGE}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE read_model.tokens, read_model.usage_hours');
  }
}
