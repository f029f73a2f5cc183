import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { DAY_MS } from '#libs/kernel';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess, type StartOptions } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

const JOB = 'forget-idempotency-keys';

describe('idempotency keys', () => {
  const ledgers: LedgerProcess[] = [];
  const start = async (options: StartOptions = {}) => {
    const ledger = await LedgerProcess.start(options);
    ledgers.push(ledger);
    return { ledger, scenario: new Scenario(ledger.client()) };
  };
  afterAll(async () => {
    for (const ledger of ledgers.reverse()) await ledger.dispose();
  }, 60_000);

  const [created, unused, granted] = [randomUUID(), randomUUID(), randomUUID()];
  const create = ({ admin }: Scenario, handle: string, key = created) =>
    admin.post('/v1/organizations', { handle }, { 'idempotency-key': key });
  const grant = ({ admin }: Scenario, account: string, amount: string) => {
    const body = { amount, kind: 'paid', reason: 'test' };
    return admin.post(`/v1/accounts/${account}/grants`, body, { 'idempotency-key': granted });
  };
  /** The last run of the job, when it is done and another one than `before`. */
  const runAfter = ({ admin }: Scenario, before: Loose): Promise<Loose> =>
    eventually(30_000, async () => {
      const jobs: Loose[] = expectStatus(await admin.get('/v1/jobs'), 200).data;
      const run = jobs.find(({ name }) => name === JOB)?.lastRun;
      return run?.outcome === 'done' && run.startedAt !== before?.startedAt ? run : null;
    });

  it('are kept for ever where money moved and 24 hours otherwise, and leave the table', async () => {
    const { ledger, scenario } = await start();
    const { uid } = expectStatus(await create(scenario, 'first-use'), 201);
    expectStatus(await create(scenario, 'other-body'), 422);
    expectStatus(await create(scenario, 'never-again', unused), 201);
    expectStatus(await grant(scenario, uid, '100'), 201);
    // The run that its schedule begins with.
    const first = await runAfter(scenario, null);
    await ledger.end();

    const env = { TOKEN_LEDGER_CLOCK_OFFSET_MS: String(DAY_MS + 60_000), TOKEN_LEDGER_JOBS: 'false' };
    const nextDay = await start({ dataDir: ledger.dataDir, env });
    const again = await create(nextDay.scenario, 'other-body');
    expect([expectStatus(again, 201).handle, again.headers.get('idempotent-replayed')]).toEqual(['other-body', null]);
    expectStatus(await grant(nextDay.scenario, uid, '200'), 422);
    expect((await grant(nextDay.scenario, uid, '100')).headers.get('idempotent-replayed')).toBe('true');
    await nextDay.ledger.end();

    const working = await start({ dataDir: ledger.dataDir, env: { ...env, TOKEN_LEDGER_JOBS: 'true' } });
    expectStatus(await working.scenario.admin.post(`/v1/jobs/${JOB}/run`, {}), 202);
    // The key that was not used again; the others are younger, or moved money.
    expect((await runAfter(working.scenario, first)).result).toEqual({ forgotten: 1 });
    expect((await create(working.scenario, 'other-body')).headers.get('idempotent-replayed')).toBe('true');
  }, 180_000);

  it('of checks are kept for ever where they were charged, and 24 hours where they were free', async () => {
    const { ledger, scenario } = await start();
    const { uid } = await scenario.organization();
    await scenario.grant(uid, '100');
    const { token, secret } = await scenario.organizationToken(uid);
    const free = (on: Scenario, operation = 'read') => on.verify(secret, { operation, idempotencyKey: 'free' });
    const paid = (on: Scenario) => on.verify(secret, { cost: '7', idempotencyKey: 'paid' });
    const [first, charged] = [await free(scenario), await paid(scenario)];
    expect(await free(scenario)).toMatchObject({ valid: true, useId: first.useId, replayed: true });
    expect(await free(scenario, 'write')).toMatchObject({ valid: false, code: 'idempotency_key_reused' });
    await ledger.end();

    const env = { TOKEN_LEDGER_CLOCK_OFFSET_MS: String(DAY_MS + 60_000) };
    const { ledger: later, scenario: nextDay } = await start({ dataDir: ledger.dataDir, env });
    const second = await free(nextDay, 'write');
    expect([second.valid, second.replayed, second.useId === first.useId]).toEqual([true, undefined, false]);
    expect(await free(nextDay, 'write')).toMatchObject({ useId: second.useId, replayed: true });
    expect(await free(nextDay)).toMatchObject({ code: 'idempotency_key_reused' });
    expect(await paid(nextDay)).toMatchObject({ useId: charged.useId, chargeId: charged.chargeId, replayed: true });
    expect(await nextDay.balance(uid)).toBe('93');
    const uses = await nextDay.entries(`token=${token.uid}&action=TokenUsed`);
    expect(uses).toHaveLength(3);
    await later.end();

    // What another process finds in the read model is the newest use of the key, too.
    const { scenario: restarted } = await start({ dataDir: ledger.dataDir, env });
    expect(await free(restarted, 'write')).toMatchObject({ useId: second.useId, replayed: true });
  }, 180_000);
});
