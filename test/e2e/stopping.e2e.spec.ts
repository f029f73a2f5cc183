import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { LedgerProcess, type StartOptions } from './support/ledger-process.js';
import { OpenRequest } from './support/open-request.js';
import { descendantsOf, postmasterOf, stillRunning } from './support/processes.js';
import { expectStatus, Scenario } from './support/scenario.js';

const START_MS = 120_000;
const CALLERS = 12;
const GRANTED = 1_000_000;

describe('stopping', () => {
  let folder: string;
  const running: LedgerProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-stop-'));
  });
  afterEach(async () => {
    for (const ledger of running.splice(0).reverse()) await ledger.dispose();
    await rm(folder, { recursive: true, force: true });
  }, START_MS);

  async function start(options: StartOptions = {}): Promise<LedgerProcess> {
    const ledger = await LedgerProcess.start({ dataDir: folder, ...options });
    running.push(ledger);
    return ledger;
  }

  /** Everything that belongs to a running ledger: itself, its PostgreSQL, and what they have started. */
  async function processesOf(ledger: LedgerProcess): Promise<number[]> {
    const postmaster = await postmasterOf(ledger.dataDir);
    const roots = [ledger.child.pid as number, postmaster?.pid as number];
    const all = new Set([...roots, ...roots.flatMap(descendantsOf)]);
    expect(stillRunning([...all]).length).toBeGreaterThanOrEqual(3);
    return [...all];
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(
      `${signal} ends it with code 0 and leaves no process behind`,
      async () => {
        const ledger = await start();
        const processes = await processesOf(ledger);
        expect(await ledger.end(signal)).toBe(0);
        expect(stillRunning(processes)).toEqual([]);
        expect(await postmasterOf(folder)).toBeNull();
      },
      START_MS,
    );
  }

  it(
    'Ctrl-C, which a terminal sends to the whole process group, stops it in the same order',
    async () => {
      const ledger = await start({ ownGroup: true });
      const open = await OpenRequest.begin(ledger.client(), '/v1/organizations', { handle: `org-${randomUUID()}` });
      const processes = await processesOf(ledger);
      const ended = once(ledger.child, 'exit');
      process.kill(-(ledger.child.pid as number), 'SIGINT');
      await ledger.printed(/"?stopping"?/);
      expect((await open.finish()).status).toBe(201);
      expect((await ended)[0]).toBe(0);
      expect(stillRunning(processes)).toEqual([]);
    },
    START_MS,
  );

  it(
    'under load answers the requests under way, and loses nothing that it acknowledged',
    async () => {
      const ledger = await start();
      const scenario = new Scenario(ledger.client());
      const organization = await scenario.organization();
      await scenario.grant(organization.uid, String(GRANTED));
      const { secret } = await scenario.organizationToken(organization.uid);
      const processes = await processesOf(ledger);
      const load = useUntilItStops(ledger, secret);
      await eventually(30_000, async () => (load.answers.length >= 200 ? true : null));
      const handle = `org-${randomUUID()}`;
      const open = await OpenRequest.begin(ledger.client(), '/v1/organizations', { handle });

      const ended = once(ledger.child, 'exit');
      ledger.child.kill('SIGTERM');
      await ledger.printed(/"?stopping"?/);
      const { status, body } = await open.finish();
      expect({ status, handle: body.handle }).toEqual({ status: 201, handle });
      expect((await ended)[0]).toBe(0);
      await load.ended;
      expect(stillRunning(processes)).toEqual([]);
      // Refused or cut off is all that a request may be that came too late.
      expect(load.answers.filter(({ status: answered }) => answered !== 200 && answered !== 503)).toEqual([]);

      const again = await start();
      const acknowledged = load.answers.filter(({ valid }) => valid).length;
      const balance = Number(await new Scenario(again.client()).balance(organization.uid));
      expect(GRANTED - balance).toBeGreaterThanOrEqual(acknowledged);
      expect(GRANTED - balance).toBeLessThanOrEqual(load.attempts());
      expectStatus(await again.client().get(`/v1/organizations/${handle}`), 200);
    },
    START_MS,
  );

  it(
    'comes up by itself after kill -9, whether PostgreSQL died with it or lives on',
    async () => {
      const first = await start();
      const one = await new Scenario(first.client()).organization();
      const left = await postmasterOf(folder);
      await first.end('SIGKILL');
      expect(stillRunning([left?.pid as number])).toHaveLength(1);

      const second = await start();
      const two = await new Scenario(second.client()).organization();
      process.kill((await postmasterOf(folder))?.pid as number, 'SIGKILL');
      await second.end('SIGKILL');

      const third = await start();
      const processes = await processesOf(third);
      for (const { uid } of [one, two]) {
        expectStatus(await third.client(first.adminToken).get(`/v1/organizations/${uid}`), 200);
      }
      expect(await third.end()).toBe(0);
      expect(stillRunning(processes)).toEqual([]);
    },
    START_MS,
  );
});

interface Answered {
  readonly status: number;
  readonly valid: boolean;
}

/** Charged uses from several callers at once, until the server takes no connection any more. */
function useUntilItStops(ledger: LedgerProcess, secret: string) {
  const answers: Answered[] = [];
  let attempts = 0;
  const client = ledger.client();
  const caller = async () => {
    for (;;) {
      attempts += 1;
      const body = { token: secret, cost: '1', idempotencyKey: randomUUID() };
      const reply = await client.post('/v1/verify', body).catch(() => null);
      if (reply === null) return;
      answers.push({ status: reply.status, valid: reply.body.valid === true });
    }
  };
  const ended = Promise.all(Array.from({ length: CALLERS }, caller));
  return { ended, answers, attempts: () => attempts };
}
