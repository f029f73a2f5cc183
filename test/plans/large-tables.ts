import type pg from 'pg';

/** Rows of the tables that must never be read whole. */
export const ROWS = { tokens: 100_000, users: 30_000, organizations: 30_000, entries: 120_000 } as const;

/** An organization that has tokens, members and charges in these tables; no event tells of it. */
export const OWNER = `org_${'9'.repeat(26)}`;
/** A token with hours of use. */
export const TOKEN = `tok_${'9'.repeat(26)}`;

const uid = (prefix: string, number: string): string => `'${prefix}_' || lpad((${number})::text, 26, '0')`;

const TOKENS = `
  INSERT INTO read_model.tokens (uid, type, owner_type, owner_uid, handle, name, name_key, description, prefix, status,
    access, scopes, projects, created_at, created_by_type, created_by_uid, expires_at, unused_since, secret_versions,
    custody, metadata, search, last_used_hour)
  SELECT CASE n WHEN 1 THEN '${TOKEN}' ELSE ${uid('tok', 'n')} END,
    CASE WHEN n % 5000 = 0 THEN 'monitoring' WHEN n % 5 = 0 THEN 'personal' ELSE 'organization' END,
    CASE WHEN n % 5 = 0 THEN 'user' ELSE 'organization' END,
    CASE WHEN n % 1000 = 1 THEN '${OWNER}' WHEN n % 5 = 0 THEN ${uid('usr', 'n % 30000')} ELSE ${uid('org', 'n % 999')} END,
    'token-' || n, 'Token ' || n, 'token ' || n, '', 'tlo_' || n,
    CASE WHEN n % 4000 = 3 THEN 'revoked' WHEN n % 4000 = 5 THEN 'disabled' WHEN n % 4000 = 7 THEN 'expired'
      ELSE 'active' END,
    '{"endpoints": "all", "operations": true}', '{*}', '{*}', timestamptz '2026-01-01' + n * interval '1 minute', 'user',
    ${uid('usr', 'n % 30000')},
    CASE WHEN n % 3000 = 1 THEN now() + interval '3 days' WHEN n % 7 = 0 THEN NULL
      ELSE now() + interval '60 days' + n * interval '1 second' END,
    CASE WHEN n % 2500 = 0 THEN now() END, '[]', 'sealed', '{}',
    E'token ' || n || E'\\ntoken-' || n || E'\\ntlo_' || n || E'\\norganization'
      || CASE WHEN n % 20000 = 0 THEN E'\\nharbor' ELSE '' END,
    CASE WHEN n % 3 <> 0 THEN date_trunc('hour', now()) - (n % 900) * interval '1 hour' END
  FROM generate_series(1, ${ROWS.tokens}) n`;

const USAGE = `
  INSERT INTO read_model.usage_hours (token_uid, bucket, outcome, calls, charged, last_used_at)
  SELECT ${uid('tok', 't')}, date_trunc('day', now()) - b * interval '1 hour', 'valid', 1, 1, now()
  FROM generate_series(2, 3000) t, generate_series(1, 20) b
  UNION ALL SELECT '${TOKEN}', date_trunc('day', now()) - b * interval '1 hour', 'valid', 1, 1, now()
  FROM generate_series(1, 40) b`;

const DIRECTORY = `
  INSERT INTO read_model.users (uid, handle, email, name, status, instance_roles, settings, created_at)
  SELECT ${uid('usr', 'n')}, 'user-' || n, 'a@b.c', 'User ' || n, 'active', '{}', '{}', now()
  FROM generate_series(0, ${ROWS.users}) n;
  INSERT INTO read_model.organizations (uid, handle, name, settings, created_at)
  SELECT ${uid('org', 'n')}, 'org-' || n, 'Organization ' || n, '{}', now()
  FROM generate_series(0, ${ROWS.organizations}) n;
  INSERT INTO read_model.memberships (organization_uid, user_uid, role, added_at)
  SELECT ${uid('org', 'n')}, ${uid('usr', '(n * 7 + m) % 30000')}, 'developer', now()
  FROM generate_series(0, ${ROWS.organizations}) n, generate_series(0, 2) m`;

/** Entries of accounts, so that only one of a hundred is of the one that is asked for. */
const ENTRIES = (accountUid: string): string => `
  INSERT INTO read_model.account_entries (uid, account_uid, revision, key_hash, reverses)
  SELECT ${uid('chg', 'n')}, CASE WHEN n % 100 = 0 THEN '${accountUid}' ELSE ${uid('org', 'n % 900')} END, n,
    CASE WHEN n % 3 = 0 THEN md5(n::text) END, CASE WHEN n % 50 = 1 THEN ${uid('chg', 'n - 1')} END
  FROM generate_series(1, ${ROWS.entries}) n`;

/** Fills the read models beyond what the log says, and gathers statistics. `accountUid` is of an account that there is. */
export async function fillTables(client: pg.Client, accountUid: string): Promise<void> {
  for (const statement of [TOKENS, USAGE, DIRECTORY, ENTRIES(accountUid)]) await client.query(statement);
  await client.query('VACUUM ANALYZE');
}
