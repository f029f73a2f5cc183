import pg from 'pg';
import { DataSource } from 'typeorm';
import { readSettings, type Settings } from '#libs/config';
import { MemoryEventLog, StreamRepository } from '#libs/event-log';
import { createLogger } from '#libs/http';
import { SystemClock } from '#libs/kernel';
import { ProjectionEngine } from '#libs/projections';
import { joinServices } from '../../../server/src/join-services.js';
import type { Store } from '../../../server/src/open-store.js';
import { ENTITIES, PROJECTIONS } from '../../../server/src/parts.js';
import { createApplication } from '../../../server/src/server.js';

/** The OpenAPI document as a server answers it, made by the same application on a store that is never asked. */
export async function openApiText(): Promise<string> {
  const settings: Settings = readSettings({});
  const logger = createLogger({ level: 'silent' });
  const app = await createApplication(settings, joinServices(settings, inertStore(), logger), logger);
  try {
    const answer = await app.inject({ method: 'GET', url: '/openapi.json' });
    if (answer.statusCode !== 200) throw new Error(`/openapi.json answered ${answer.statusCode}: ${answer.body}`);
    return `${answer.body}\n`;
  } finally {
    await app.close();
  }
}

/** A store with the shape of the real one and no database behind it: nothing connects before the first query. */
function inertStore(): Store {
  const clock = new SystemClock();
  const log = new MemoryEventLog(clock);
  const pool = new pg.Pool({ max: 1 });
  return {
    connectionString: 'postgres://localhost/none',
    clock,
    secrets: { pepperId: '00000000', pepper: Buffer.alloc(32), fingerprint: '' },
    dataSource: new DataSource({ type: 'postgres', entities: ENTITIES }),
    log,
    streams: new StreamRepository(log),
    projections: new ProjectionEngine({ log, pool, clock, projections: PROJECTIONS }),
  };
}
