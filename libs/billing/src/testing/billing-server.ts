import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Response } from 'light-my-request';
import { DataSource } from 'typeorm';
import { bearerToken, type Fact, type Principal, refuse } from '#libs/contracts';
import {
  EventLog,
  formatPosition,
  laterPosition,
  parsePosition,
  type Position,
  type RecordedEvent,
  START,
} from '#libs/event-log';
import {
  Authenticator,
  createHttpApplication,
  createLogger,
  IdempotencyStore,
  type PresentedCredential,
  ReadModelProgress,
} from '#libs/http';
import { MemoryIdempotencyStore } from '#libs/http/testing';
import { Clock, RandomIds } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import { BillingModule } from '../billing.module.js';
import { AccountTables } from '../read-model/account-tables.js';
import { AT, opened } from './account-facts.js';
import { type BillingDatabase, openBillingDatabase } from './billing-database.js';
import { asInstallation, asOrganization, asUser, type Rights } from './principals.js';

type Method = 'GET' | 'POST' | 'PATCH';

interface Call {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Billing over HTTP, with log and read models in PostgreSQL. */
export interface BillingServer {
  readonly clock: ManualClock;
  readonly database: BillingDatabase;
  readonly ledger: AccountLedger;
  readonly keys: MemoryIdempotencyStore;
  /** Sends a call as `installation`, or as the user or organization with this uid; later calls see what it wrote. */
  call(caller: string, method: Method, url: string, call?: Call): Promise<Response>;
  /** The same with an idempotency key: the one given, or one of its own. */
  post(caller: string, url: string, body: object, key?: string): Promise<Response>;
  /** The uid of a new user with these rights. */
  user(rights?: Rights): string;
  /** The uid of a new account. */
  open(prefix: 'org' | 'usr', limit?: string | null): Promise<string>;
  openAs(accountUid: string, limit?: string | null): Promise<void>;
  /** Events of an account. */
  stream(accountUid: string): Promise<RecordedEvent[]>;
  /** The application as if it was told to stop. */
  beginShutdown(): Promise<void>;
  close(): Promise<void>;
}

export async function startBillingServer(): Promise<BillingServer> {
  const clock = new ManualClock(AT);
  const ids = new RandomIds(() => clock.now());
  const database = await openBillingDatabase(clock);
  const { log, engine, dataSource } = database;
  await engine.start();
  const ledger = new AccountLedger({ log, readModel: new AccountTables(dataSource, log) });
  const users = new Map<string, Rights>();
  const keys = new MemoryIdempotencyStore();
  const append = async (stream: string, { type, data }: Fact): Promise<Position> => {
    const events = [{ id: ids.uuid(), type, data, metadata: { occurredAt: '2026-11-25T08:00:00.000Z' } }];
    return (await log.append({ streams: [{ stream, expected: 'noStream', events }] })).position;
  };
  await append('system', { type: 'InstallationInitialized', data: { installationUid: ids.uid('ins') } });
  const app = await createHttpApplication(
    applicationModule([
      { provide: EventLog, useValue: log },
      { provide: Clock, useValue: clock },
      { provide: DataSource, useValue: dataSource },
      { provide: AccountLedger, useValue: ledger },
      { provide: Authenticator, useValue: new NameAuthenticator(users) },
      { provide: IdempotencyStore, useValue: keys },
      { provide: ReadModelProgress, useValue: engine },
    ]),
    { clock, logger: createLogger({ level: 'silent' }) },
  );
  const openAs = async (accountUid: string, limit: string | null = '0') => {
    await append(`account-${accountUid}`, opened(accountUid, limit));
  };
  return {
    clock,
    database,
    ledger,
    keys,
    ...callsOf(app, ids),
    user: (rights = {}) => {
      const uid = ids.uid('usr');
      users.set(uid, rights);
      return uid;
    },
    open: async (prefix, limit) => {
      const uid = ids.uid(prefix);
      await openAs(uid, limit);
      return uid;
    },
    openAs,
    stream: (accountUid) => log.readStream(`account-${accountUid}`),
    beginShutdown: () => app.close(),
    close: async () => {
      await app.close();
      await database.close();
    },
  };
}

function callsOf(app: NestFastifyApplication, ids: RandomIds): Pick<BillingServer, 'call' | 'post'> {
  let seen = START;
  const call: BillingServer['call'] = async (caller, method, url, { body, headers = {} } = {}) => {
    const response = await app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${caller}`, 'ledger-min-position': formatPosition(seen), ...headers },
      ...(body === undefined ? {} : { payload: body }),
    });
    const written = response.headers['ledger-position'];
    if (typeof written === 'string') seen = laterPosition(seen, parsePosition(written));
    return response;
  };
  return {
    call,
    post: (caller, url, body, key = ids.uuid()) =>
      call(caller, 'POST', url, { body, headers: { 'idempotency-key': key } }),
  };
}

function applicationModule(
  providers: readonly { provide: abstract new (...args: never[]) => unknown; useValue: unknown }[],
) {
  @Global()
  @Module({
    imports: [CqrsModule.forRoot()],
    providers: [...providers],
    exports: providers.map(({ provide }) => provide),
  })
  class PlatformModule {}

  @Module({ imports: [PlatformModule, BillingModule] })
  class ApplicationModule {}
  return ApplicationModule;
}

/** Takes the name of the caller for its token, and gives it the rights that it was made with. */
class NameAuthenticator extends Authenticator {
  constructor(private readonly users: ReadonlyMap<string, Rights>) {
    super();
  }

  async authenticate({ authorization }: PresentedCredential): Promise<Principal> {
    const name = bearerToken(authorization).token;
    if (name === 'installation') return asInstallation();
    if (name.startsWith('org_')) return asOrganization(name);
    const rights = this.users.get(name);
    if (rights === undefined) throw refuse('unknown_token');
    return asUser(name, rights);
  }
}
