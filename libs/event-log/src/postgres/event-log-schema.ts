import { APPEND_FUNCTIONS } from './append-function.js';
import { PARTITION_FUNCTIONS } from './usage-partitions.js';

/** Runs SQL without parameters, several statements in one text: a client of `pg`, or a query runner of TypeORM. */
export interface SqlRunner {
  query(sql: string): Promise<unknown>;
}

/** Taken while the schema is installed, so that processes that start at the same time do it one after the other. */
const INSTALL_LOCK = 4_612_507_380_211_002n;

const TABLES: readonly string[] = [
  // A row per append: the events that one flush adds to one stream, one canonical JSON text per line. Position and
  // revision are those of the last event, so that both ends of a range are found by one index.
  `create table ledger.appends (
    last_position bigint not null,
    last_revision bigint not null,
    count integer not null,
    recorded_at timestamptz(3) not null,
    category text collate "C" not null,
    stream text collate "C" not null,
    events text not null
  ) partition by list (category)`,
  `create table ledger.appends_security partition of ledger.appends for values in ('security')`,
  `create table ledger.appends_account partition of ledger.appends for values in ('account')`,
  `create table ledger.appends_usage partition of ledger.appends for values in ('usage') partition by range (recorded_at)`,
  `create table ledger.appends_usage_default partition of ledger.appends_usage default`,
  // A row per flush; the last one holds the heads of the log. Rows are only ever added, and the oldest deleted.
  `create table ledger.flushes (
    position bigint primary key,
    security_position bigint not null,
    size integer not null,
    writer uuid not null,
    number bigint not null,
    made_at timestamptz not null default now(),
    unique (writer, number)
  )`,
  `insert into ledger.flushes (position, security_position, size, writer, number)
    values (0, 0, 0, '00000000-0000-0000-0000-000000000000', 0)`,
  // Where usage streams ended whose last events were dropped by age.
  `create table ledger.dropped_streams (
    stream text collate "C" primary key,
    last_revision bigint not null,
    last_position bigint not null
  )`,
];

const INDEXES = ['appends_security', 'appends_account', 'appends_usage_default'].map(
  (table) => `select ledger.index_appends('${table}')`,
);

/** The statements of each version of the schema, in order. Never edited once released: a change is another version. */
export const EVENT_LOG_SCHEMA: readonly (readonly string[])[] = [
  [...TABLES, ...PARTITION_FUNCTIONS, ...APPEND_FUNCTIONS, ...INDEXES],
];

/**
 * Brings schema `ledger` to the newest version. Safe to call at every start and by several processes at once, within a
 * transaction or without; does nothing when the schema is there.
 */
export async function installEventLogSchema(runner: SqlRunner): Promise<void> {
  // One text, so that it is one transaction whether or not the caller has begun one.
  await runner.query(`
    select pg_advisory_xact_lock(${INSTALL_LOCK});
    create schema if not exists ledger;
    create table if not exists ledger.schema_version (version integer primary key);
    ${EVENT_LOG_SCHEMA.map(versionBlock).join('\n')}`);
}

function versionBlock(statements: readonly string[], index: number): string {
  const version = index + 1;
  const body = statements.map((statement) => `execute $statement$${statement}$statement$;`).join('\n');
  return `do $install$ begin
    if not exists (select from ledger.schema_version v where v.version = ${version}) then
      ${body}
      insert into ledger.schema_version values (${version});
    end if;
  end $install$;`;
}
