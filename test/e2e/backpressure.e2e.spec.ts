import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { itOnPostgresLog } from './support/it-on-postgres-log.js';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { type Postmaster, postmasterOf } from './support/processes.js';
import { expectStatus, Scenario } from './support/scenario.js';
import { peakMbDuring, residentMb } from './support/server-memory.js';

/** The lock that every append takes in PostgreSQL. */
const APPEND_LOCK = '4612507380211001';
/** What the log, and the ledger of accounts, let wait. */
const WAITING_MAX = 20_000;
const ITEMS = 1_000;
const CALLERS = 40;
const BLOCKED_MS = 16_000;
/** More than so many callers could be told if each had to wait until the log gives up. */
const REFUSALS_MIN = 200_000;
const GRANTED = 10_000_000;

describe('a server whose log cannot be written', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  let blocker: pg.Client;
  let organization: string;
  let secret: string;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
    const { databaseUrl } = (await postmasterOf(ledger.dataDir)) as Postmaster;
    blocker = new pg.Client({ connectionString: databaseUrl });
    await blocker.connect();
    organization = (await scenario.organization()).uid;
    await scenario.grant(organization, String(GRANTED));
    ({ secret } = await scenario.organizationToken(organization));
  }, 120_000);
  afterAll(async () => {
    await blocker?.end();
    await ledger?.dispose();
  }, 60_000);

  const batch = async () => {
    const items = Array.from({ length: ITEMS }, () => ({ token: secret, cost: '1' }));
    const reply = await scenario.admin.post('/v1/verify/batch', { items });
    if (reply.status === 503) expect(reply.headers.get('retry-after')).toMatch(/^[1-9][0-9]*$/);
    else expectStatus(reply, 200);
    const verdicts: Loose[] = reply.status === 503 ? items.map(() => reply.body) : reply.body.results;
    return { accepted: verdicts.filter(({ valid }) => valid === true).length, verdicts };
  };
  const metric = async (name: string) => {
    // Read models are late after so many uses, and metrics are not theirs.
    const headers = { 'ledger-min-position': '0' };
    const text = expectStatus(await scenario.admin.get('/metrics', { headers }), 200) as string;
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  };

  /** The most requests that the log had waiting at once. */
  const watched = async (until: number) => {
    let most = 0;
    while (performance.now() < until) most = Math.max(most, await metric('token_ledger_append_queue_requests'));
    return most;
  };
  /** Callers that ask again at once; each counts its refusals, and is told nothing else. */
  const refusedUntil = (until: number) =>
    Array.from({ length: CALLERS }, async () => {
      let refusals = 0;
      while (performance.now() < until) {
        const { verdicts } = await batch();
        expect(verdicts.filter(({ code }) => code !== 'verification_unavailable')).toEqual([]);
        expect(verdicts.filter(({ status }) => status !== 503)).toEqual([]);
        refusals += verdicts.length;
      }
      return refusals;
    });
  const eachHalf = async <T>(run: (until: number) => Promise<T>): Promise<[T, T]> => [
    await run(performance.now() + BLOCKED_MS / 2),
    await run(performance.now() + BLOCKED_MS / 2),
  ];

  itOnPostgresLog('its lock on appends is of PostgreSQL')(
    'refuses what is past its bounds with 503, does not grow, and accepts again by itself',
    async () => {
      // What runs for the first time takes memory that it keeps.
      for (let round = 0; round < 10; round += 1) await Promise.all(Array.from({ length: 8 }, batch));
      const { pid = 0 } = ledger.child;
      const before = await residentMb(pid);
      await blocker.query(`select pg_advisory_lock(${APPEND_LOCK})`);
      const halves = await eachHalf(async (until) => {
        const { peakMb, result } = await peakMbDuring(pid, () => Promise.all([watched(until), ...refusedUntil(until)]));
        const [waitingMost, ...refusals] = result;
        expect(waitingMost).toBeLessThanOrEqual(WAITING_MAX);
        return { peakMb, refusals: refusals.reduce((sum, count) => sum + count, 0) };
      }).finally(() => blocker.query('select pg_advisory_unlock_all()'));
      const [first, second] = halves;
      expect(first.refusals + second.refusals).toBeGreaterThan(REFUSALS_MIN);
      // What waits, and garbage that comes and goes: in the second half as in the first, however many were refused.
      for (const { peakMb } of halves) expect(peakMb - before).toBeLessThan(1_000);

      await eventually(30_000, async () => ((await batch()).accepted === ITEMS ? true : null));
      expect(await metric('token_ledger_append_queue_requests')).toBe(0);
    },
    180_000,
  );

  it('takes large bodies up to a bound, and serves others meanwhile', async () => {
    const { hostname, port } = new URL(ledger.url);
    const size = 2 * 1024 * 1024;
    const head =
      `POST /v1/verify/batch HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/json\r\n` +
      `Authorization: Bearer ${ledger.adminToken}\r\nContent-Length: ${size}\r\n\r\n{`;
    const sockets: Socket[] = [];
    const begin = async () => {
      const socket = connect(Number(port), hostname).on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      socket.write(head);
      return socket;
    };
    try {
      for (let body = 0; body < 64; body += 1) await begin();
      await eventually(10_000, async () =>
        (await metric('token_ledger_http_body_bytes')) === 64 * size ? true : null,
      );
      const turnedAway = await begin();
      const [answer] = (await once(turnedAway, 'data')) as [Buffer];
      expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: 1\r\n[^]*"code":"not_ready"/i);
      expect(await metric('token_ledger_http_bodies_rejected_total')).toBe(1);
      expect(await scenario.verify(secret, { cost: '1' })).toMatchObject({ valid: true });
    } finally {
      sockets.forEach((socket) => socket.destroy());
    }
    await eventually(10_000, async () => ((await metric('token_ledger_http_body_bytes')) === 0 ? true : null));
    expect((await batch()).accepted).toBe(ITEMS);
  }, 60_000);

  it('gives the room of a large body back that it refuses without reading it', async () => {
    const body = { pad: 'x'.repeat(200 * 1024) };
    for (let round = 0; round < 20; round += 1) {
      const replies = await Promise.all(
        Array.from({ length: 40 }, () => scenario.admin.as(null).post('/v1/tokens', body)),
      );
      expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 401));
      expect((await scenario.admin.post('/v1/nowhere', body)).status).toBe(404);
    }
    await eventually(10_000, async () => ((await metric('token_ledger_http_body_bytes')) === 0 ? true : null));
  }, 60_000);
});
