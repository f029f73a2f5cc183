import type { Response } from 'light-my-request';
import { DataSource } from 'typeorm';
import {
  bearerToken,
  EVENT_CONTRACTS,
  type EventData,
  type Fact,
  type Principal,
  refuse,
  streamOf,
  type TokenOwner,
} from '#libs/contracts';
import { EventLog, type Position, type RecordedEvent } from '#libs/event-log';
import { Authenticator, IdempotencyStore, type PresentedCredential, ReadModelProgress } from '#libs/http';
import { type FeatureApplication, MemoryIdempotencyStore, startFeatureApplication } from '#libs/http/testing';
import { Clock, RandomIds } from '#libs/kernel';
import { ManualClock } from '#libs/kernel/testing';
import { AccountLedger } from '../account-ledger/account-ledger.js';
import { BillingModule } from '../billing.module.js';
import { AccountTables } from '../read-model/account-tables.js';
import { AT, opened } from './account-facts.js';
import { type BillingDatabase, openBillingDatabase } from './billing-database.js';
import { asInstallation, asOrganization, asUser, type Rights } from './principals.js';

/** Billing over HTTP, with log and read models in PostgreSQL. */
export interface BillingServer {
  readonly clock: ManualClock;
  readonly database: BillingDatabase;
  readonly ledger: AccountLedger;
  readonly keys: MemoryIdempotencyStore;
  /** As `installation`, or as the user or organization with this uid. */
  readonly call: FeatureApplication['call'];
  /** The same with an idempotency key: the one given, or one of its own. */
  post(caller: string, url: string, body: object, key?: string): Promise<Response>;
  /** The uid of a new user with these rights. */
  user(rights?: Rights): string;
  /** The uid of a new account. */
  open(prefix: 'org' | 'usr', limit?: string | null): Promise<string>;
  openAs(accountUid: string, limit?: string | null): Promise<void>;
  /** The uid of a new token, whose prefix is `tlp_01234567`. */
  token(owner: TokenOwner): Promise<string>;
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
  const { app, call } = await startFeatureApplication({
    feature: BillingModule,
    providers: [
      { provide: EventLog, useValue: log },
      { provide: Clock, useValue: clock },
      { provide: DataSource, useValue: dataSource },
      { provide: AccountLedger, useValue: ledger },
      { provide: Authenticator, useValue: new NameAuthenticator(users) },
      { provide: IdempotencyStore, useValue: keys },
      { provide: ReadModelProgress, useValue: engine },
    ],
    clock,
  });
  const openAs = async (accountUid: string, limit: string | null = '0') => {
    await append(`account-${accountUid}`, opened(accountUid, limit));
  };
  return {
    clock,
    database,
    ledger,
    keys,
    call,
    post: (caller, url, body, key = ids.uuid()) =>
      call(caller, 'POST', url, { body, headers: { 'idempotency-key': key } }),
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
    token: async (owner) => {
      const tokenUid = ids.uid('tok');
      const data = { ...(EVENT_CONTRACTS.TokenCreated.example as EventData<'TokenCreated'>), tokenUid, owner };
      await append(streamOf.token(tokenUid), { type: 'TokenCreated', data });
      return tokenUid;
    },
    stream: (accountUid) => log.readStream(`account-${accountUid}`),
    beginShutdown: () => app.close(),
    close: async () => {
      await app.close();
      await database.close();
    },
  };
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
