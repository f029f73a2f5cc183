import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Settings } from '#libs/config';
import {
  type EventLog,
  EventStoreEventLog,
  installEventLogSchema,
  type LogImporter,
  PostgresEventLog,
  PostgresImporter,
} from '#libs/event-log';
import { SystemClock } from '#libs/kernel';
import { EmbeddedPostgres } from '#libs/postgres';
import { placeInEventStore } from '../../server/src/open-log.js';
import type { Shutdown } from '../../server/src/shutdown.js';
import { UsageError } from './usage-error.js';

export interface MoveEndOptions {
  readonly settings: Settings;
  readonly shutdown: Shutdown;
}

/** Longest time for one answer: a batch is read or written within it. */
const ANSWER_WITHIN_MS = 60_000;
const CONNECT_WITHIN_MS = 5_000;

const POSTGRES = /^postgres(ql)?:\/\//;
const EVENT_STORE = /^esdb(\+discover)?:\/\//;

/**
 * What is meant by a store of a move: a connection string, or the word for one out of the settings, so that no password
 * stands in the list of processes; null: the embedded PostgreSQL. Throws UsageError.
 */
export function storeNamed(text: string, { databaseUrl, eventStoreUrl }: Settings): string | null {
  if (text === 'postgres') return databaseUrl;
  if (text === 'esdb' && eventStoreUrl !== null) return eventStoreUrl;
  if (POSTGRES.test(text) || EVENT_STORE.test(text)) return text;
  if (text === 'esdb') throw new UsageError('EVENT_STORE_URL is not set: it says which EventStoreDB "esdb" is.');
  throw new UsageError('A store is postgres, postgres://…, esdb or esdb://….');
}

/** The log that is copied. Throws UsageError where a server is at work on it, LogUnavailable. */
export async function openSource(store: string | null, options: MoveEndOptions): Promise<EventLog> {
  const { dataDir } = options.settings;
  if (store === null && !existsSync(join(dataDir, 'postgres'))) {
    throw new UsageError(`There is no ledger in ${dataDir}. Set TOKEN_LEDGER_DATA_DIR or DATABASE_URL to where it is.`);
  }
  if (store !== null && EVENT_STORE.test(store)) return openEventStore(store, options);
  const connectionString = store ?? (await startEmbedded(options));
  await onDatabase(connectionString, (client) => refuseServers(client, 'source'));
  return openPostgres(connectionString, options);
}

/** The log that is written, and the way in. Throws UsageError where a server is at work on it, LogUnavailable. */
export async function openTarget(
  store: string | null,
  options: MoveEndOptions,
): Promise<{ log: EventLog; importer: LogImporter }> {
  if (store !== null && EVENT_STORE.test(store)) {
    const log = await openEventStore(store, options);
    return { log, importer: log.importer() };
  }
  const connectionString = store ?? (await startEmbedded(options));
  await onDatabase(connectionString, async (client) => {
    await refuseServers(client, 'target');
    await installEventLogSchema(client);
  });
  const importer = await PostgresImporter.open({ connectionString, answerWithinMs: ANSWER_WITHIN_MS });
  options.shutdown.add('import', () => importer.close());
  return { log: await openPostgres(connectionString, options), importer };
}

async function startEmbedded({ settings, shutdown }: MoveEndOptions): Promise<string> {
  const postgres = await EmbeddedPostgres.start({ dataDir: join(settings.dataDir, 'postgres'), log: () => undefined });
  shutdown.add('postgres', () => postgres.stop());
  return postgres.connectionString;
}

async function openPostgres(connectionString: string, { shutdown }: MoveEndOptions): Promise<EventLog> {
  const answerWithinMs = ANSWER_WITHIN_MS;
  const log = await PostgresEventLog.open({ connectionString, clock: new SystemClock(0), answerWithinMs });
  shutdown.add('event log', () => log.close());
  return log;
}

async function openEventStore(connectionString: string, { settings, shutdown }: MoveEndOptions) {
  const place = placeInEventStore(settings);
  const log = await EventStoreEventLog.open({ connectionString, clock: new SystemClock(0), ...place });
  shutdown.add('event log', () => log.close());
  return log;
}

/** A server that writes nothing for a while would not be noticed by what it writes. */
async function refuseServers(client: pg.Client, end: 'source' | 'target'): Promise<void> {
  const { rowCount } = await client.query(
    `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
       and application_name like 'token-ledger%' limit 1`,
  );
  if (rowCount === 0) return;
  throw new UsageError(`A server is at work on the ${end}. Stop every server of the ledger, and run this again.`);
}

async function onDatabase(connectionString: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_WITHIN_MS });
  // What breaks is told by the next query.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
