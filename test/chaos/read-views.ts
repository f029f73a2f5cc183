import pg from 'pg';
import { type EventLog, type Position, START } from '#libs/event-log';
import { digestTables } from '#libs/projections';
import { PROJECTIONS } from '../../apps/server/src/parts.js';
import { eventually } from '../e2e/support/eventually.js';
import type { LedgerClient, Loose } from '../e2e/support/ledger-client.js';
import { runCommand } from '../e2e/support/run-command.js';
import { expectStatus } from '../e2e/support/scenario.js';
import { type LogEvent, logEventOf } from './checker/log-event.js';
import type { FeedItem, TableDigest, Views } from './checker/views.js';
import { type ServerName, SERVER_NAMES } from './faults/schedule.js';
import type { Population } from './load/population.js';

const CAUGHT_UP_WITHIN_MS = 180_000;
const PAGE = 1_000;

/** What has to be known of an installation to read back everything that it holds. */
export interface ReadBack {
  /** Of the PostgreSQL that holds the read models. */
  readonly connectionString: string;
  openLog(): Promise<EventLog>;
  /** Settings of a command of the product on this installation. */
  commandEnvironment(): Record<string, string>;
  /** Ends whatever writes with every event in the read models, which `quiet` waits for. */
  endAtTheHead(quiet: Quiet): Promise<void>;
}

export interface Quiet {
  /** Resolves when a server shows that every event is in every read model. */
  shown(server: ServerName): Promise<void>;
  /** Whether it is so by the tables themselves. */
  isLevel(): Promise<boolean>;
}

/** Everything that is shown at the end: over HTTP from both servers, and then, without them, the tables themselves. */
export async function readViews(installation: ReadBack, population: Population): Promise<Views> {
  for (const name of SERVER_NAMES) await waitForReadModels(population.admin(name));
  const balances = await readBalances(population);
  const feeds = await readFeeds(population);
  const audit = await readAudit(population.admin('b'));
  await installation.endAtTheHead({
    shown: (server) => waitForReadModels(population.admin(server)),
    isLevel: () => isLevel(installation),
  });
  return { balances, feeds, audit, digests: await readDigests(installation) };
}

/** The whole log, in its order. */
export async function* readLog(installation: ReadBack): AsyncGenerator<LogEvent> {
  const log = await installation.openLog();
  try {
    let after: Position = START;
    for (;;) {
      const { events, next } = await log.readAll({ after, limit: PAGE });
      for (const event of events) yield logEventOf(event);
      if (events.length === 0) return;
      after = next;
    }
  } finally {
    await log.close();
  }
}

/** Every event is in every read model, and none was put aside. */
async function waitForReadModels(admin: LedgerClient): Promise<void> {
  await eventually(CAUGHT_UP_WITHIN_MS, async () => {
    const { data } = expectStatus(await admin.get('/v1/projections', { headers: { 'ledger-min-position': '0' } }), 200);
    const aside = data.filter(({ deadLetters }: Loose) => deadLetters > 0);
    if (aside.length > 0) throw new Error(`events were put aside: ${JSON.stringify(aside)}`);
    return data.every(({ lagEvents }: Loose) => lagEvents === 0) ? true : null;
  });
}

async function isLevel(installation: ReadBack): Promise<boolean> {
  const log = await installation.openLog();
  try {
    const head = (await log.heads()).all;
    const [row] = await query<{ level: boolean }>(
      installation.connectionString,
      `SELECT ${head}::bigint = ALL (SELECT position FROM read_model.projection_checkpoints) AS level`,
    );
    return row?.level === true;
  } finally {
    await log.close();
  }
}

async function query<Row extends pg.QueryResultRow>(connectionString: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

async function readBalances(population: Population): Promise<Views['balances'][number][]> {
  const asked = SERVER_NAMES.flatMap((server) => population.accounts.map((account) => ({ server, account })));
  return Promise.all(
    asked.map(async ({ server, account }: { server: ServerName; account: string }) => {
      const { balance } = expectStatus(await population.admin(server).get(`/v1/accounts/${account}`), 200);
      return { account, server, balance };
    }),
  );
}

async function readFeeds(population: Population): Promise<Map<string, FeedItem[]>> {
  const feeds = new Map<string, FeedItem[]>();
  for (const account of population.accounts) feeds.set(account, await readFeed(population.admin('a'), account));
  return feeds;
}

async function readFeed(admin: LedgerClient, account: string): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  let path = `/v1/accounts/${account}/charges?limit=${PAGE}`;
  for (;;) {
    const reply = await admin.get(path);
    const page: Loose[] = expectStatus(reply, 200);
    items.push(...page.map(({ id, sequence, data }) => ({ id, sequence, amount: data.amount })));
    if (page.length === 0) return items;
    path = /<([^>]+)>/.exec(reply.headers.get('link') ?? '')?.[1] ?? '';
  }
}

async function readAudit(admin: LedgerClient): Promise<Views['audit']> {
  const reply = await admin.get('/v1/audit/export?format=ndjson');
  expectStatus(reply, 200);
  const lines = reply.text.split('\n').filter((line) => line !== '');
  const entries = lines.map((line) => JSON.parse(line) as { position: string; action: string });
  return {
    upTo: BigInt(reply.headers.get('ledger-export-up-to') ?? ''),
    entries: entries.map(({ position, action }) => ({ position: BigInt(position), action })),
  };
}

/** The tables as the servers filled them while they were hit, and as one rebuild fills them from the log. */
async function readDigests(installation: ReadBack): Promise<Views['digests']> {
  const { connectionString } = installation;
  const pool = new pg.Pool({ connectionString, max: 1 });
  try {
    const followed: TableDigest[] = await digestTables(pool, PROJECTIONS);
    const ended = await runCommand(['rebuild'], installation.commandEnvironment());
    if (ended.code !== 0) throw new Error(`the rebuild failed:\n${ended.stdout}${ended.stderr}`);
    return { followed, rebuilt: await digestTables(pool, PROJECTIONS) };
  } finally {
    await pool.end();
  }
}
