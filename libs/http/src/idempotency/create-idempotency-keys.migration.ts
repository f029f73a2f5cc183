import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Makes the table of idempotency keys. */
export class CreateIdempotencyKeys1764000000100 implements MigrationInterface {
  name = 'CreateIdempotencyKeys1764000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create schema if not exists platform');
    await runner.query(`
      create table platform.idempotency_keys (
        caller text not null,
        key_hash text not null,
        fingerprint text not null,
        seed text not null,
        claimed_at timestamptz not null,
        at_ms bigint not null,
        money boolean not null,
        status integer,
        headers jsonb,
        body text,
        primary key (caller, key_hash)
      )`);
    await runner.query(
      'create index idempotency_keys_purgeable on platform.idempotency_keys (claimed_at) where not money',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table platform.idempotency_keys');
  }
}
