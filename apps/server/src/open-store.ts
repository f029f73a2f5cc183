import { mkdir } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import { type InstallationSecrets, openSecretsFile, readSecrets, type Settings } from '#libs/config';
import { type EventLog, StreamRepository } from '#libs/event-log';
import { SystemClock } from '#libs/kernel';
import { probePostgres } from '#libs/postgres';
import type { ProjectionEngine } from '#libs/projections';
import { AppendMetrics } from './append-metrics.js';
import { migrate, openDatabase } from './database.js';
import { JobMetrics } from './job-metrics.js';
import { openLog, type RevocationBound } from './open-log.js';
import { openProjections } from './open-projections.js';
import { startOwnPostgres } from './own-postgres.js';
import { ENTITIES, MIGRATIONS } from './parts.js';
import { ProjectionMetrics } from './projection-metrics.js';
import { ServiceWatches } from './service-watches.js';
import type { Shutdown } from './shutdown.js';
import { requireUsable } from './unusable-service.js';

/** Everything that keeps data, opened and up to date. The one place where adapters are chosen for the ports. */
export interface Store {
  readonly connectionString: string;
  readonly clock: SystemClock;
  readonly secrets: InstallationSecrets;
  readonly dataSource: DataSource;
  readonly log: EventLog;
  readonly revocation: RevocationBound;
  readonly streams: StreamRepository;
  readonly projections: ProjectionEngine;
  readonly metrics: StoreMetrics;
  readonly watches: ServiceWatches;
}

/** What the parts of the store count. */
export interface StoreMetrics {
  readonly appends: AppendMetrics;
  readonly projections: ProjectionMetrics;
  readonly jobs: JobMetrics;
}

/**
 * Opens database, log and read models; each part is stopped by `shutdown` after what uses it. Throws UnusableService for
 * a database or a log that settings name and that is not there.
 */
export async function openStore(
  settings: Settings,
  logger: Logger,
  shutdown: Shutdown,
  clock = new SystemClock(settings.clockOffsetMs),
): Promise<Store> {
  await mkdir(settings.dataDir, { recursive: true, mode: 0o700 });
  const { databaseUrl } = settings;
  const connectionString =
    databaseUrl === null ? await startOwnPostgres(settings, logger, shutdown) : await requirePostgres(databaseUrl);
  const secrets = await openSecrets(settings);

  const dataSource = await openDatabase(connectionString, { entities: ENTITIES, migrations: MIGRATIONS });
  shutdown.add('database', () => dataSource.destroy());
  await migrate(dataSource);

  const metrics = { appends: new AppendMetrics(), projections: new ProjectionMetrics(), jobs: new JobMetrics() };
  const { activity } = metrics.appends;
  const { log, revocation } = await openLog(settings, { connectionString, clock, activity });
  shutdown.add('event log', () => log.close());
  const streams = new StreamRepository(log);
  const watches = new ServiceWatches({ settings, connectionString, log, logger });
  shutdown.add('service watches', () => watches.stop());

  const projections = openProjections(settings, {
    connectionString,
    log,
    clock,
    metrics: metrics.projections,
    watches,
    logger,
    shutdown,
  });
  return { connectionString, clock, secrets, dataSource, log, revocation, streams, projections, metrics, watches };
}

async function requirePostgres(url: string): Promise<string> {
  await requireUsable({ setting: 'DATABASE_URL', kind: 'PostgreSQL', url }, () => probePostgres(url));
  return url;
}

/** Where the secrets come from, for messages; never the secrets themselves. */
export function secretsSourceOf({ secretsText, secretsFile }: Settings): string {
  return secretsText === null ? secretsFile : 'TOKEN_LEDGER_SECRETS';
}

async function openSecrets(settings: Settings): Promise<InstallationSecrets> {
  const { secretsText, secretsFile } = settings;
  return secretsText === null ? openSecretsFile(secretsFile) : readSecrets(secretsText, secretsSourceOf(settings));
}
