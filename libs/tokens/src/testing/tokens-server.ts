import { randomBytes, randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { type CommandContext, type Fact, streamOf, toEvents } from '#libs/contracts';
import { EventLog, EventLogSchema1764000000000, PostgresEventLog, StreamRepository } from '#libs/event-log';
import { Authenticator, IdempotencyStore, ReadModelProgress } from '#libs/http';
import { type FeatureApplication, MemoryIdempotencyStore, startFeatureApplication } from '#libs/http/testing';
import { Clock, RandomIds } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { createTestDatabase, type TestDatabase } from '#libs/postgres/testing';
import { ProjectionEngine, ProjectionTables1764000000002 } from '#libs/projections';
import { OwnerReader } from '../owner-reader.js';
import { TOKEN_ENTITIES, TOKEN_PROJECTIONS } from '../read-model/tokens-read-model.js';
import { TokenFilters1764000001100 } from '../read-model/token-filters.migration.js';
import { TokensReadModels1764000001000 } from '../read-model/tokens-read-models.js';
import { SettingsReader } from '../settings-reader.js';
import { TokenSecrets } from '../token-secrets.js';
import { TokensModule } from '../tokens.module.js';
import { CREATED_MS } from './sample-token.js';
import { TestWorld } from './test-world.js';

/** Tokens over HTTP, with the log and the read models in PostgreSQL. */
export interface TokensServer {
  readonly world: TestWorld;
  readonly clock: ManualClock;
  readonly log: EventLog;
  readonly engine: ProjectionEngine;
  readonly pool: pg.Pool;
  readonly idempotency: MemoryIdempotencyStore;
  readonly call: FeatureApplication['call'];
  /** Appends facts of uses, which happened now, and lets the next calls see them. */
  use(...facts: readonly Fact[]): Promise<void>;
  get<T>(type: Type<T>): T;
  /** The context of a run of a job, now. */
  jobContext(): CommandContext;
  /** Resolves when the read models hold everything that was seen. */
  caughtUp(): Promise<void>;
  /** Another process on the same log and read models. */
  another(): Promise<TokensServer>;
  close(): Promise<void>;
}

export async function startTokensServer(): Promise<TokensServer> {
  const database = await createTestDatabase();
  const shared = {
    database,
    clock: new ManualClock(CREATED_MS),
    world: new TestWorld(),
    idempotency: new MemoryIdempotencyStore(),
    secrets: { brand: 'tl', pepperId: '01234567', pepper: randomBytes(32) },
  };
  const dataSource = await openDataSource(database.connectionString);
  await dataSource.runMigrations();
  await dataSource.destroy();
  return openServer(shared, () => database.drop());
}

interface Shared {
  readonly database: TestDatabase;
  readonly clock: ManualClock;
  readonly world: TestWorld;
  readonly idempotency: MemoryIdempotencyStore;
  readonly secrets: TokenSecrets;
}

async function openServer(shared: Shared, afterClose: () => Promise<void>): Promise<TokensServer> {
  const { connectionString } = shared.database;
  const { clock, world, idempotency } = shared;
  const dataSource = await openDataSource(connectionString);
  const pool = new pg.Pool({ connectionString, max: 4 });
  tolerateEnd(pool);
  const log = await PostgresEventLog.open({ connectionString, clock });
  const engine = new ProjectionEngine({ log, pool, clock, projections: TOKEN_PROJECTIONS });
  await engine.start();
  const application = await startFeatureApplication({
    feature: TokensModule,
    providers: [
      { provide: Clock, useValue: clock },
      { provide: EventLog, useValue: log },
      { provide: StreamRepository, useValue: new StreamRepository(log) },
      { provide: DataSource, useValue: dataSource },
      { provide: Authenticator, useValue: world.authenticator },
      { provide: IdempotencyStore, useValue: idempotency },
      { provide: ReadModelProgress, useValue: engine },
      { provide: TokenSecrets, useValue: shared.secrets },
      { provide: SettingsReader, useValue: world.settings },
      { provide: OwnerReader, useValue: world.owners },
    ],
    clock,
  });
  const { app, call } = application;
  const close = async (): Promise<void> => {
    await app.close();
    await engine.stop();
    await log.close();
    await pool.end();
    await dataSource.destroy();
    await afterClose();
  };
  const get = <T>(type: Type<T>): T => app.get(type, { strict: false });
  const parts = { world, clock, log, engine, pool, idempotency, call, get, close };
  return {
    ...parts,
    ...usesOf(application, log, { clock, engine }),
    another: () => openServer(shared, async () => undefined),
  };
}

type Uses = Pick<TokensServer, 'use' | 'jobContext' | 'caughtUp'>;

function usesOf(
  { see }: FeatureApplication,
  log: EventLog,
  { clock, engine }: { clock: ManualClock; engine: ProjectionEngine },
): Uses {
  const usageStream = streamOf.usage('test', randomUUID().replaceAll('-', ''));
  let uses = -1n;
  const contextOf = (): CommandContext => {
    const ids = new RandomIds(() => clock.now());
    return { actor: { type: 'job', uid: 'test' }, requestId: 'r', correlationId: 'r', at: clock.now(), ids };
  };
  return {
    async use(...facts) {
      const events = toEvents(facts, contextOf());
      const expected = uses === -1n ? 'noStream' : uses;
      const { position } = await log.append({ streams: [{ stream: usageStream, expected, events }] });
      uses += BigInt(facts.length);
      see(position);
    },
    jobContext: contextOf,
    async caughtUp() {
      const { all } = await log.heads();
      if (!(await engine.waitFor(all, 10_000))) throw new Error('the read models did not reach the head of the log');
    },
  };
}

async function openDataSource(url: string): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [...TOKEN_ENTITIES],
    migrations: [
      EventLogSchema1764000000000,
      ProjectionTables1764000000002,
      TokensReadModels1764000001000,
      TokenFilters1764000001100,
    ],
  });
  await dataSource.initialize();
  tolerateEnd((dataSource.driver as unknown as { master: pg.Pool }).master);
  return dataSource;
}

/** A pool says that it has ended before its connections have, and dropping the database ends those with an error. */
function tolerateEnd(pool: pg.Pool): void {
  const known = new WeakSet<pg.PoolClient>();
  // Not `connect`: TypeORM has opened its first connection before anybody can listen.
  pool.on('acquire', (client) => {
    if (!known.has(client)) client.on('error', () => undefined);
    known.add(client);
  });
}
