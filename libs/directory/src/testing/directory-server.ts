import type { Response } from 'light-my-request';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { bearerToken, type Principal, refuse } from '#libs/contracts';
import { EventLog, MemoryEventLog, type Position, type RecordedEvent, START, StreamRepository } from '#libs/event-log';
import { Authenticator, IdempotencyStore, type PresentedCredential, ReadModelProgress } from '#libs/http';
import { type FeatureApplication, MemoryIdempotencyStore, startFeatureApplication } from '#libs/http/testing';
import { ManualClock } from '#libs/kernel/testing';
import { createTestDatabase } from '#libs/postgres/testing';
import { digestTables, ProjectionEngine, ProjectionTables1764000000002, type ReadModelDigest } from '#libs/projections';
import { DirectoryModule } from '../directory.module.js';
import { DirectoryState } from '../domain/directory-state.js';
import { DIRECTORY_ENTITIES, DIRECTORY_PROJECTIONS } from '../read-model/directory-read-model.js';
import { DirectoryReadModels1764000002000 } from '../read-model/directory-read-models.js';
import { asInstallation, asOrganization, asUser } from './principals.js';

/** `installation`, or the uid of a user or of an organization: whose token is sent. */
type CallerName = string;

/** The directory over HTTP, with its read models in PostgreSQL. */
export interface DirectoryServer {
  /** As one of these callers. */
  readonly call: FeatureApplication['call'];
  /** The uid of a new user or organization. */
  createUser(handle: string): Promise<string>;
  createOrganization(caller: CallerName, handle: string): Promise<string>;
  /** The events of one stream. */
  stream(name: string): Promise<RecordedEvent[]>;
  /** Moves the ledger's clock on. */
  advance(ms: number): void;
  /** Rows of the read models, as digests to compare. */
  digests(): Promise<ReadModelDigest[]>;
  /** Fills the read models anew from the whole log. */
  rebuild(): Promise<unknown>;
  /** Stops the projections where they are, and lets them go on. */
  pauseReadModel(): Promise<void>;
  resumeReadModel(): Promise<void>;
  close(): Promise<void>;
}

export async function startDirectoryServer(): Promise<DirectoryServer> {
  const database = await createTestDatabase();
  const dataSource = await migrated(database.connectionString);
  const pool = new pg.Pool({ connectionString: database.connectionString, max: 4 });
  const clock = new ManualClock();
  const log = new MemoryEventLog(clock);
  const engine = new ProjectionEngine({ log, pool, clock, projections: DIRECTORY_PROJECTIONS });
  await engine.start();
  const { app, call } = await startFeatureApplication({
    feature: DirectoryModule,
    providers: [
      { provide: EventLog, useValue: log },
      { provide: StreamRepository, useValue: new StreamRepository(log) },
      { provide: DataSource, useValue: dataSource },
      { provide: Authenticator, useValue: new NameAuthenticator(log) },
      { provide: IdempotencyStore, useValue: new MemoryIdempotencyStore() },
      { provide: ReadModelProgress, useValue: engine },
    ],
    clock,
  });
  const close = async (): Promise<void> => {
    await app.close();
    await engine.stop();
    await pool.end();
    await dataSource.destroy();
    await database.drop();
  };
  return {
    ...callsWith(call),
    stream: (name) => log.readStream(name),
    advance: (ms) => clock.advance(ms),
    digests: () => digestTables(pool, DIRECTORY_PROJECTIONS),
    rebuild: () => engine.rebuild(),
    pauseReadModel: () => engine.stop(),
    resumeReadModel: () => engine.start(),
    close,
  };
}

function callsWith(call: DirectoryServer['call']): Pick<DirectoryServer, 'call' | 'createUser' | 'createOrganization'> {
  const uidOf = (response: Response): string => response.json<{ uid: string }>().uid;
  return {
    call,
    createUser: async (handle) =>
      uidOf(await call('installation', 'POST', '/v1/users', { body: { handle, email: `${handle}@example.com` } })),
    createOrganization: async (caller, handle) =>
      uidOf(await call(caller, 'POST', '/v1/organizations', { body: { handle } })),
  };
}

async function migrated(url: string): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [...DIRECTORY_ENTITIES],
    migrations: [ProjectionTables1764000000002, DirectoryReadModels1764000002000],
  });
  await dataSource.initialize();
  await dataSource.runMigrations();
  return dataSource;
}

/** Takes the name of the caller for its token, and gives it the rights that the log says it has at this moment. */
class NameAuthenticator extends Authenticator {
  private readonly directory = new DirectoryState();
  private applied: Position = START;

  constructor(private readonly log: EventLog) {
    super();
  }

  async authenticate({ authorization }: PresentedCredential): Promise<Principal> {
    const name = bearerToken(authorization).token;
    await this.catchUp();
    if (name === 'installation') return asInstallation();
    if (this.directory.organizations.has(name)) return asOrganization(name);
    const user = this.directory.users.get(name);
    if (user === undefined) throw refuse('unknown_token');
    if (user.status === 'disabled') throw refuse('owner_inactive');
    const roles = Object.fromEntries(this.directory.membershipsOf(name));
    return asUser(name, { instanceRoles: user.instanceRoles, roles });
  }

  private async catchUp(): Promise<void> {
    const batch = await this.log.readAll({ after: this.applied, limit: 10_000, categories: ['security'] });
    for (const event of batch.events) {
      if (event.position > this.applied) this.directory.applyFact(event);
    }
    this.applied = batch.next;
  }
}
