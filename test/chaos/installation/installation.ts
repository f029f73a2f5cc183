import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EventLog, PostgresEventLog } from '#libs/event-log';
import { SystemClock } from '#libs/kernel';
import { freePort } from '#libs/kernel/testing';
import { EmbeddedPostgres } from '#libs/postgres';
import { eventually } from '../../e2e/support/eventually.js';
import { LedgerProcess } from '../../e2e/support/ledger-process.js';
import { persistently } from '../../e2e/support/persistently.js';
import { descendantsOf } from '../../e2e/support/processes.js';
import { SERVER_NAMES, type ServerName } from '../faults/schedule.js';
import type { Quiet, ReadBack } from '../read-views.js';
import { FaultyLink } from './faulty-link.js';
import { SmallDisk } from './small-disk.js';

/** Small, so that a long run fits on a small disk. */
const POSTGRES_SETTINGS = {
  max_wal_size: '128MB',
  min_wal_size: '80MB',
  shared_buffers: '64MB',
  max_connections: '90',
};
const NO_SPACE = /No space left on device/;
const READY_WITHIN_MS = 90_000;

/** A server of the installation: its address stays the same over its restarts. */
export interface Server {
  readonly name: ServerName;
  readonly port: number;
  readonly link: FaultyLink;
  ledger: LedgerProcess | null;
  clockOffsetMs: number;
}

export interface InstallationOptions {
  readonly folder: string;
  readonly diskMegabytes: number;
}

/** Two servers on one database, each with a link of its own to a PostgreSQL that can be hit too. */
export class Installation implements ReadBack {
  readonly servers = new Map<ServerName, Server>();
  adminToken = '';
  private isStopping = false;
  private recoveries = Promise.resolve();

  private constructor(
    readonly folder: string,
    readonly postgres: EmbeddedPostgres,
    /** A reason in a sentence where no small disk could be had. */
    readonly disk: SmallDisk | string,
    private readonly meter: { outOfSpace: number },
  ) {
    postgres.onExit(() => void (this.recoveries = this.recoveries.then(() => this.revivePostgres())));
  }

  static async start({ folder, diskMegabytes }: InstallationOptions): Promise<Installation> {
    const disk = await SmallDisk.mount(join(folder, 'disk'), diskMegabytes);
    const dataDir = join(typeof disk === 'string' ? folder : disk.path, 'postgres');
    const meter = { outOfSpace: 0 };
    const log = (line: string): void => void (NO_SPACE.test(line) && (meter.outOfSpace += 1));
    const postgres = await EmbeddedPostgres.start({ dataDir, settings: POSTGRES_SETTINGS, log });
    const installation = new Installation(folder, postgres, disk, meter);
    try {
      for (const name of SERVER_NAMES) await installation.addServer(name);
      return installation;
    } catch (error) {
      await installation.stop();
      throw error;
    }
  }

  /** How often PostgreSQL has said that its disk is full. */
  get outOfSpace(): number {
    return this.meter.outOfSpace;
  }

  server(name: ServerName): Server {
    return this.servers.get(name)!;
  }

  /** Starts a server that has ended, with its clock off by `clockOffsetMs`. */
  async startServer(name: ServerName, clockOffsetMs = this.server(name).clockOffsetMs): Promise<void> {
    const server = this.server(name);
    server.clockOffsetMs = clockOffsetMs;
    const until = performance.now() + READY_WITHIN_MS;
    // PostgreSQL may be recovering still; whoever runs a ledger restarts it until it comes up.
    server.ledger = await persistently(
      () => this.launch(server),
      () => performance.now() > until,
    );
  }

  /** A server beside the two, over a link that does not fail. It is the caller's to end. */
  startThird(): Promise<LedgerProcess> {
    const env = this.environment(this.postgres.connectionString, 0);
    return LedgerProcess.start({ dataDir: join(this.folder, 'third'), env });
  }

  /** Environment of a command of the product on this installation. */
  environment(databaseUrl: string, clockOffsetMs: number): Record<string, string> {
    return {
      DATABASE_URL: databaseUrl,
      TOKEN_LEDGER_SECRETS_FILE: join(this.folder, 'secrets'),
      TOKEN_LEDGER_CLOCK_OFFSET_MS: String(clockOffsetMs),
      LOG_LEVEL: 'warn',
    };
  }

  get connectionString(): string {
    return this.postgres.connectionString;
  }

  openLog(): Promise<EventLog> {
    return PostgresEventLog.open({ connectionString: this.connectionString, clock: new SystemClock() });
  }

  commandEnvironment(): Record<string, string> {
    return this.environment(this.connectionString, 0);
  }

  /**
   * Ends the servers with every event in the read models. A server that stops in order records that as its last event,
   * which nobody is left to fold; one that is killed does not.
   */
  async endAtTheHead({ shown, isLevel }: Quiet): Promise<void> {
    await this.server('b').ledger?.end('SIGKILL');
    await eventually(READY_WITHIN_MS, async () => {
      await shown('a');
      await this.server('a').ledger?.end('SIGKILL');
      if (await isLevel()) return true;
      await this.startServer('a');
      return null;
    });
  }

  /** Process ids of PostgreSQL, its children included. */
  postgresPids(): number[] {
    const { pid } = this.postgres;
    return [pid, ...descendantsOf(pid)];
  }

  /** Ends the servers in order, and leaves PostgreSQL running. */
  async stopServers(): Promise<void> {
    await Promise.all([...this.servers.values()].map(async ({ ledger }) => ledger?.end()));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.stopServers();
    for (const { link } of this.servers.values()) await link.close();
    await this.recoveries;
    await this.postgres.stop();
    if (typeof this.disk !== 'string') await this.disk.unmount();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async addServer(name: ServerName): Promise<void> {
    const port = await freePort();
    const link = await FaultyLink.open({ path: socketPathOf(this.postgres.connectionString) });
    this.servers.set(name, { name, port, link, ledger: null, clockOffsetMs: 0 });
    await mkdir(join(this.folder, name), { recursive: true });
    await this.startServer(name);
    this.adminToken ||= this.server(name).ledger!.adminToken;
  }

  private launch(server: Server): Promise<LedgerProcess> {
    const through = `postgres://ledger@127.0.0.1:${server.link.port}/ledger?sslmode=disable`;
    const env = { ...this.environment(through, server.clockOffsetMs), PORT: String(server.port) };
    return LedgerProcess.start({ dataDir: join(this.folder, server.name), env });
  }

  /** PostgreSQL is started again whatever it died of, as its operator does; on a full disk that takes several tries. */
  private async revivePostgres(): Promise<void> {
    if (this.isStopping) return;
    const restart = () => this.postgres.restart();
    await persistently(restart, () => this.isStopping).catch(() => undefined);
  }
}

function socketPathOf(connectionString: string): string {
  const url = new URL(connectionString);
  return `${url.searchParams.get('host')}/.s.PGSQL.${url.port}`;
}
