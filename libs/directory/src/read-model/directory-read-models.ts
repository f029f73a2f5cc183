import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  CREATE SCHEMA IF NOT EXISTS read_model;
  CREATE TABLE read_model.users (
    uid text PRIMARY KEY,
    handle text NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    instance_roles text[] NOT NULL,
    settings jsonb NOT NULL,
    created_at timestamptz NOT NULL
  );
  CREATE INDEX users_handle ON read_model.users (handle);
  CREATE TABLE read_model.organizations (
    uid text PRIMARY KEY,
    handle text NOT NULL,
    name text NOT NULL,
    settings jsonb NOT NULL,
    created_at timestamptz NOT NULL
  );
  CREATE INDEX organizations_handle ON read_model.organizations (handle);
  CREATE TABLE read_model.memberships (
    organization_uid text NOT NULL,
    user_uid text NOT NULL,
    role text NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (organization_uid, user_uid)
  );
  CREATE INDEX memberships_user_uid ON read_model.memberships (user_uid);
  CREATE TABLE read_model.settings (
    scope text PRIMARY KEY,
    settings jsonb NOT NULL
  );
`;

/**
 * Tables of the directory. The indexes on handles order the lists and are not unique: the log decides who has a handle,
 * and a read model that could refuse a fact would stop at it.
 */
export class DirectoryReadModels1764000002000 implements MigrationInterface {
  readonly name = 'DirectoryReadModels1764000002000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE read_model.users, read_model.organizations, read_model.memberships, read_model.settings',
    );
  }
}
