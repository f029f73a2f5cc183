import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { EVENT_STORE_URL } from './support/event-store.js';
import { eventually } from './support/eventually.js';
import { itOnPostgresLog } from './support/it-on-postgres-log.js';
import type { Reply } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { postmasterOf } from './support/processes.js';
import { expectStatus, Scenario } from './support/scenario.js';

/** Appends whose outcome is unknown are tried for five seconds. */
const REFUSED_WITHIN_MS = 30_000;

describe('a PostgreSQL that can be read and not written', () => {
  let ledger: LedgerProcess;
  let database: pg.Client;
  let secret: string;

  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    database = new pg.Client({ connectionString: (await postmasterOf(ledger.dataDir))!.databaseUrl });
    await database.connect();
    const scenario = new Scenario(ledger.client());
    const organization = (await scenario.organization()).uid;
    await scenario.grant(organization, '100');
    ({ secret } = await scenario.organizationToken(organization));
    expect(await scenario.verify(secret, { cost: '1' })).toMatchObject({ valid: true, balance: '99' });
  }, 120_000);
  afterAll(async () => {
    await allowWriting(true);
    await database.end();
    await ledger.dispose();
  }, 60_000);

  async function allowWriting(isAllowed: boolean): Promise<void> {
    // The session of the test itself must be able to take it back.
    await database.query('set default_transaction_read_only = off');
    await database.query(`alter system set default_transaction_read_only = ${isAllowed ? 'off' : 'on'}`);
    await database.query('select pg_reload_conf()');
  }

  const ready = () => ledger.client(null).get('/health/ready');

  /** Asks for readiness until it has the status. */
  const readyWith = (status: number): Promise<Reply> =>
    eventually(REFUSED_WITHIN_MS, async () => {
      const reply = await ready();
      return reply.status === status ? reply : null;
    });

  /**
   * Checks until one is refused: a session that is already there takes a reloaded setting over a moment after the
   * reload was asked for, and what it accepts until then is charged.
   */
  async function verifyUntilRefused(): Promise<{ reply: Reply; accepted: number }> {
    let accepted = 0;
    const reply = await eventually(REFUSED_WITHIN_MS, async () => {
      const answer = await ledger.client().post('/v1/verify', { token: secret, cost: '1' });
      if (answer.status !== 200) return answer;
      accepted += 1;
      return null;
    });
    return { reply, accepted };
  }

  itOnPostgresLog('its log can be written all the while')(
    'makes the server not ready, by name, and ready again without a request that writes',
    async () => {
      expect((await ready()).status).toBe(200);
      await allowWriting(false);
      const { reply: refused, accepted: before } = await verifyUntilRefused();
      expect(refused.body).toMatchObject({ code: 'verification_unavailable', status: 503 });
      const away = await readyWith(503);
      expect(away.body).toMatchObject({
        status: 'not_ready',
        checks: { log: { ok: false, detail: { reason: 'read_only' } }, verification: { ok: true } },
      });
      await allowWriting(true);
      const back = await readyWith(200);
      expect(back.body.checks.log).toEqual({ ok: true });
      const accepted = expectStatus(await ledger.client().post('/v1/verify', { token: secret, cost: '1' }), 200);
      expect(accepted).toMatchObject({ valid: true, balance: String(98 - before) });
    },
    120_000,
  );

  if (EVENT_STORE_URL !== '') {
    it('stops no check whose log is elsewhere', async () => {
      await allowWriting(false);
      const accepted = expectStatus(await ledger.client().post('/v1/verify', { token: secret, cost: '1' }), 200);
      expect(accepted).toMatchObject({ valid: true, balance: '98' });
      expect((await ready()).body.checks.log).toEqual({ ok: true });
    }, 60_000);
  }
});
