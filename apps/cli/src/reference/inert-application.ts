import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import pg from 'pg';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { readSettings, type Settings } from '#libs/config';
import { MemoryEventLog, StreamRepository } from '#libs/event-log';
import { createLogger } from '#libs/http';
import { SystemClock } from '#libs/kernel';
import { ProjectionEngine } from '#libs/projections';
import { AppendMetrics } from '../../../server/src/append-metrics.js';
import { JobMetrics } from '../../../server/src/job-metrics.js';
import { joinServices } from '../../../server/src/join-services.js';
import { createApplication } from '../../../server/src/ledger-application.js';
import type { Store } from '../../../server/src/open-store.js';
import { ENTITIES, PROJECTIONS } from '../../../server/src/parts.js';
import { ProjectionMetrics } from '../../../server/src/projection-metrics.js';
import { ServiceWatches } from '../../../server/src/service-watches.js';

/** Asks the application that a server runs, on a store that must not be asked, for what can be told without one. */
export async function withInertApplication<T>(ask: (app: NestFastifyApplication) => T | Promise<T>): Promise<T> {
  const settings: Settings = readSettings({});
  const logger = createLogger({ level: 'silent' });
  const store = inertStore(settings, logger);
  const app = await createApplication(settings, joinServices(settings, store, logger), logger);
  try {
    return await ask(app);
  } finally {
    await app.close();
  }
}

/** A store with the shape of the real one and no database behind it: nothing connects before the first query. */
function inertStore(settings: Settings, logger: Logger): Store {
  const clock = new SystemClock();
  const log = new MemoryEventLog(clock);
  const pool = new pg.Pool({ max: 1 });
  const connectionString = 'postgres://localhost/none';
  return {
    connectionString,
    clock,
    secrets: { pepperId: '00000000', pepper: Buffer.alloc(32), fingerprint: '' },
    dataSource: new DataSource({ type: 'postgres', entities: ENTITIES }),
    log,
    revocation: { mode: 'strict', boundMs: 0 },
    streams: new StreamRepository(log),
    projections: new ProjectionEngine({ log, pool, clock, projections: PROJECTIONS }),
    metrics: { appends: new AppendMetrics(), projections: new ProjectionMetrics(), jobs: new JobMetrics() },
    watches: new ServiceWatches({ settings, connectionString, log, logger }),
  };
}
