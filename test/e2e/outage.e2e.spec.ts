import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FaultyLink } from '../chaos/installation/faulty-link.js';
import { EVENT_STORE_URL, eventStoreSettings } from './support/event-store.js';
import { eventually } from './support/eventually.js';
import type { LedgerClient, Loose, Reply } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { postmasterOf } from './support/processes.js';
import { expectStatus, Scenario } from './support/scenario.js';

const START_MS = 120_000;
const PASSWORD = 'open-sesame';
/** Calls that the outage refuses, each of which had a line of its own. */
const REFUSED_CALLS = 300;
/** Each kind of trouble has a line at once and another every ten seconds; the outage takes a few seconds. */
const TROUBLE_LINES_MAX = 30;
const ALLOWED_OF_ERRORS = ['type', 'message', 'code'];

describe('a server whose PostgreSQL is away for a while', () => {
  let folder: string;
  let owner: LedgerProcess;
  let link: FaultyLink;
  let ledger: LedgerProcess;
  let client: LedgerClient;
  let lines: Loose[];
  let text: string;
  /** What `/metrics` answers before, and meanwhile: to a token that was good when it was last confirmed, and to none. */
  let before: string;
  let scraped: Reply;
  let guessed: Reply;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-outage-'));
    owner = await LedgerProcess.start();
    const url = new URL((await postmasterOf(owner.dataDir))!.databaseUrl);
    link = await FaultyLink.open({ path: `${url.searchParams.get('host')}/.s.PGSQL.${url.port}` });
    const env = {
      ...eventStoreSettings(owner.dataDir),
      DATABASE_URL: `postgres://ledger:${PASSWORD}@127.0.0.1:${link.port}/ledger?sslmode=disable`,
      TOKEN_LEDGER_SECRETS_FILE: join(owner.dataDir, 'secrets'),
    };
    ledger = await LedgerProcess.start({ dataDir: join(folder, 'data'), env });
    client = ledger.client(owner.adminToken);
    const scenario = new Scenario(client);
    const { secret } = await scenario.organizationToken((await scenario.organization()).uid);
    const printed = ledger.output.length;
    before = expectStatus(await client.get('/metrics'), 200) as string;
    link.refuse();
    // With the log in EventStoreDB nothing that rests on it alone is refused. What does not wait for read models is at once.
    const now = { headers: { 'ledger-min-position': '0' } };
    const calls =
      EVENT_STORE_URL === ''
        ? [() => client.get('/v1/me'), () => client.post('/v1/verify', { token: secret })]
        : [() => client.get('/v1/tokens', now), () => client.get('/v1/audit/entries', now)];
    for (let call = 0; call < REFUSED_CALLS; call += 1) expect((await calls[call % 2]!()).status).toBe(503);
    scraped = await client.get('/metrics');
    const end = owner.adminToken.endsWith('x') ? 'y' : 'x';
    guessed = await client.as(`${owner.adminToken.slice(0, -1)}${end}`).get('/metrics');
    link.heal();
    await ledger.printed(/PostgreSQL is back/);
    await eventually(20_000, async () => ((await client.get('/v1/tokens')).status === 200 ? true : null));
    text = ledger.output.slice(printed);
    lines = text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  }, START_MS);
  afterAll(async () => {
    await ledger.dispose();
    await link.close();
    await owner.dispose();
    await rm(folder, { recursive: true, force: true });
  }, START_MS);

  const saying = (message: string) => lines.filter(({ msg }) => msg === message);

  it('says in its log once that PostgreSQL is away and why, and once that it is back, after how long and what failed', () => {
    expect(saying('PostgreSQL is away')).toEqual([
      expect.objectContaining({ level: 'error', err: expect.objectContaining({ code: expect.any(String) }) }),
    ]);
    const [back, ...more] = saying('PostgreSQL is back');
    expect(more).toEqual([]);
    expect(back.awayMs).toBeGreaterThan(0);
    expect(back.failures.calls).toBeGreaterThan(0);
    expect(back.failures.jobs).toBeGreaterThan(0);
  });

  it('has a log that does not grow with the calls that are refused and the tries to connect again', () => {
    const trouble = lines.filter(({ level }) => level === 'warn' || level === 'error');
    expect(saying('a request could not be answered now').length).toBeGreaterThan(0);
    expect(saying('the job queue cannot be used now').length).toBeGreaterThan(0);
    expect(trouble.length).toBeLessThanOrEqual(TROUBLE_LINES_MAX);
  });

  it('tells in its log of each error its name, message and code, and of no connection or password', () => {
    const errors = lines.flatMap(({ err }) => (err === undefined ? [] : [err as object]));
    expect(errors.length).toBeGreaterThan(0);
    const told = new Set(errors.flatMap((error) => Object.keys(error)));
    expect([...told].filter((member) => !ALLOWED_OF_ERRORS.includes(member))).toEqual([]);
    expect(text).not.toContain(PASSWORD);
  });

  it('shows its metrics all the same, with the last that was read, and that PostgreSQL is away', () => {
    const text = expectStatus(scraped, 200) as string;
    const series = (scrape: string, name: RegExp) => scrape.split('\n').filter((line) => name.test(line));
    const log = EVENT_STORE_URL === '' ? [] : ['token_ledger_service_up{service="EventStoreDB"} 1'];
    const up = (isUp: 0 | 1) => [`token_ledger_service_up{service="PostgreSQL"} ${isUp}`, ...log];
    expect(series(before, /^token_ledger_service_up/)).toEqual(up(1));
    expect(series(text, /^token_ledger_service_up/)).toEqual(up(0));
    const read = /^token_ledger_projection_position\{/;
    expect(series(text, read).length).toBeGreaterThan(0);
    expect(series(text, read)).toHaveLength(series(before, read).length);
    expect(series(text, /^process_cpu_seconds_total/)).toHaveLength(1);
  });

  it('shows them to nobody whose token it does not know', () => {
    expect(guessed.status).not.toBe(200);
    expect(guessed.text).not.toContain('token_ledger_');
  });
});
