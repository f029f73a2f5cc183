import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EventLog, EventStoreEventLog, PostgresEventLog } from '#libs/event-log';
import { SystemClock } from '#libs/kernel';
import { freePort, ServerNodes } from '#libs/kernel/testing';
import { EmbeddedPostgres } from '#libs/postgres';
import { FaultyLink } from '../chaos/installation/faulty-link.js';
import type { Quiet, ReadBack } from '../chaos/read-views.js';
import { eventually } from '../e2e/support/eventually.js';
import { LedgerProcess } from '../e2e/support/ledger-process.js';
import { persistently } from '../e2e/support/persistently.js';
import { RedisProcess } from '../e2e/support/redis-process.js';

export const MEMBERS = ['api-a', 'api-b', 'worker-a', 'worker-b', 'projector-a', 'projector-b'] as const;
export type MemberName = (typeof MEMBERS)[number];

/** A process of the cluster: its address stays the same over its restarts. */
export interface Member {
  readonly name: MemberName;
  readonly role: string;
  readonly port: number;
  ledger: LedgerProcess | null;
}

export interface ClusterOptions {
  /** Of the cluster's own; removed when it stops. */
  readonly folder: string;
  /** False: jobs are queued in PostgreSQL. */
  readonly redis: boolean;
  /** Of an EventStoreDB that keeps the log; null: it is in PostgreSQL. */
  readonly eventStoreUrl: string | null;
  /** Where the launcher that has started the nodes of that EventStoreDB takes orders; null: it runs by itself. */
  readonly nodesUrl?: string | null;
  /** Whether api-b reaches the EventStoreDB over a link that can be parted: a relay in the test's own process, and slow. */
  readonly isLinked?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

const POSTGRES_SETTINGS = {
  max_wal_size: '128MB',
  min_wal_size: '80MB',
  shared_buffers: '64MB',
  max_connections: '140',
};
const READY_WITHIN_MS = 90_000;
/** With its user, if it has one, and without a second host. */
const ONE_NODE = /^(esdb:\/\/(?:[^@/]*@)?)([^:/?,]+)(?::(\d+))?(?=$|[/?])/;

/** Two processes of each role on one database, started at once; each of them, PostgreSQL and Redis can be killed. */
export class Cluster implements ReadBack {
  readonly members = new Map<MemberName, Member>();
  adminToken = '';
  /** A part of the EventStoreDB of its own, because a server cannot be emptied. */
  private readonly prefix = `c${randomBytes(8).toString('hex')}`;
  /** Between api-b and an EventStoreDB of one node; null where there is none, or several: a client finds those by itself. */
  link: FaultyLink | null = null;
  private isStopping = false;
  private recoveries = Promise.resolve();

  private constructor(
    private readonly options: ClusterOptions,
    readonly postgres: EmbeddedPostgres,
    readonly redis: RedisProcess | null,
  ) {
    postgres.onExit(() => void (this.recoveries = this.recoveries.then(() => this.revivePostgres())));
  }

  static async start(options: ClusterOptions): Promise<Cluster> {
    const dataDir = join(options.folder, 'postgres');
    const postgres = await EmbeddedPostgres.start({ dataDir, settings: POSTGRES_SETTINGS, log: () => undefined });
    const redis = options.redis ? await RedisProcess.start({ folder: join(options.folder, 'redis') }) : null;
    const cluster = new Cluster(options, postgres, redis);
    try {
      await cluster.startAll();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get connectionString(): string {
    return this.postgres.connectionString;
  }

  get eventStoreUrl(): string | null {
    return this.options.eventStoreUrl;
  }

  /** The nodes of the EventStoreDB, where they may be taken down. */
  get nodes(): ServerNodes | null {
    const { nodesUrl = null } = this.options;
    return nodesUrl === null ? null : new ServerNodes(nodesUrl);
  }

  openLog(): Promise<EventLog> {
    const { connectionString, eventStoreUrl } = this;
    const clock = new SystemClock();
    return eventStoreUrl === null
      ? PostgresEventLog.open({ connectionString, clock })
      : EventStoreEventLog.open({ connectionString: eventStoreUrl, clock, prefix: `${this.prefix}.` });
  }

  commandEnvironment(): Record<string, string> {
    return this.environment();
  }

  /** Ends what writes first, and the projectors when they have folded all of it. */
  async endAtTheHead({ isLevel }: Quiet): Promise<void> {
    await this.kill('api-a', 'api-b', 'worker-a', 'worker-b');
    await eventually(READY_WITHIN_MS, async () => ((await isLevel()) ? true : null));
    await this.kill('projector-a', 'projector-b');
  }

  member(name: MemberName): Member {
    return this.members.get(name)!;
  }

  dataDirOf(name: MemberName): string {
    return join(this.options.folder, name);
  }

  /** Settings that all processes of the ledger share. */
  environment(): Record<string, string> {
    const { redis, options } = this;
    return {
      DATABASE_URL: this.connectionString,
      TOKEN_LEDGER_SECRETS_FILE: join(options.folder, 'secrets'),
      LOG_LEVEL: 'warn',
      ...(redis === null ? {} : { REDIS_URL: redis.url }),
      ...(options.eventStoreUrl === null
        ? {}
        : { EVENT_STORE_URL: options.eventStoreUrl, EVENT_STORE_PREFIX: this.prefix }),
      ...options.env,
    };
  }

  /** Starts a process that has ended; whoever runs one restarts it until it comes up, as what it needs may be away. */
  async startMember(name: MemberName): Promise<void> {
    const member = this.member(name);
    const linked = name === 'api-b' && this.link !== null ? { EVENT_STORE_URL: this.linkedUrl(this.link) } : {};
    const env = { ...this.environment(), ...linked, ROLE: member.role, PORT: String(member.port) };
    const until = performance.now() + READY_WITHIN_MS;
    const start = () => LedgerProcess.start({ dataDir: this.dataDirOf(name), env });
    member.ledger = await persistently(start, () => performance.now() > until);
  }

  async kill(...names: readonly MemberName[]): Promise<void> {
    await Promise.all(names.map(async (name) => this.member(name).ledger?.end('SIGKILL')));
  }

  /** Ends PostgreSQL, with SIGINT in order and at once; it is started again by itself. Resolves when it has ended. */
  async endPostgres(signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
    // Checks whose log is elsewhere are well again before a PostgreSQL that was killed is.
    await this.recoveries;
    const ended = new Promise<void>((resolve) => this.postgres.onExit(() => resolve()));
    process.kill(this.postgres.pid, signal);
    await ended;
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    // One that was stopped while the run was given up could not end.
    for (const { ledger } of this.members.values()) ledger?.child.kill('SIGCONT');
    await Promise.all([...this.members.values()].map(async ({ ledger }) => ledger?.end()));
    await this.recoveries;
    await this.link?.close();
    await this.redis?.kill('SIGTERM');
    await this.postgres.stop();
    await rm(this.options.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** All at once, on a database with nothing in it: migrations and the first token are made once. */
  private async startAll(): Promise<void> {
    const node = this.options.isLinked === true ? oneNodeOf(this.options.eventStoreUrl) : null;
    if (node !== null) this.link = await FaultyLink.open(node);
    for (const name of MEMBERS) {
      const role = name.slice(0, name.indexOf('-'));
      this.members.set(name, { name, role, port: await freePort(), ledger: null });
    }
    await Promise.all(MEMBERS.map((name) => this.startMember(name)));
    for (const name of MEMBERS) {
      this.adminToken ||= (await readFile(join(this.dataDirOf(name), 'admin-token'), 'utf8').catch(() => '')).trim();
    }
  }

  private linkedUrl({ port }: FaultyLink): string {
    return this.eventStoreUrl!.replace(ONE_NODE, (_all, scheme: string) => `${scheme}127.0.0.1:${port}`);
  }

  /** PostgreSQL is started again whatever it died of, as its operator does. */
  private async revivePostgres(): Promise<void> {
    if (this.isStopping) return;
    const restart = () => this.postgres.restart();
    await persistently(restart, () => this.isStopping).catch(() => undefined);
  }
}

function oneNodeOf(url: string | null): { host: string; port: number } | null {
  const [, , host, port = '2113'] = ONE_NODE.exec(url ?? '') ?? [];
  return host === undefined ? null : { host, port: Number(port) };
}
