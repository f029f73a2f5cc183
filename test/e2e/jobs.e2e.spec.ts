import { afterEach, describe, expect, it } from '@jest/globals';
import { SystemClock, toInstant } from '#libs/kernel';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';
import { eventually } from './support/eventually.js';

const DAY_MS = 86_400_000;

describe('jobs record what time has done', () => {
  const running: LedgerProcess[] = [];
  afterEach(async () => {
    for (const ledger of running.splice(0).reverse()) await ledger.dispose();
  }, 60_000);

  async function start(
    options: Parameters<typeof LedgerProcess.start>[0] = {},
  ): Promise<{ ledger: LedgerProcess; scenario: Scenario }> {
    const ledger = await LedgerProcess.start(options);
    running.push(ledger);
    return { ledger, scenario: new Scenario(ledger.client()) };
  }

  /** Starts again on the same data, `days` later. */
  async function later(ledger: LedgerProcess, days: number, env: Record<string, string> = {}) {
    await ledger.end();
    const offset = String(days * DAY_MS);
    return start({ dataDir: ledger.dataDir, env: { TOKEN_LEDGER_CLOCK_OFFSET_MS: offset, ...env } });
  }

  it('E2: the verifier refuses at the instant with the worker stopped; the job then records the fact within 60 s', async () => {
    const first = await start();
    const user = await first.scenario.user();
    const { token, secret } = await first.scenario.personalToken(user.uid, { expiresIn: '24h' });
    expect(await first.scenario.verify(secret)).toMatchObject({ valid: true });

    const stopped = await later(first.ledger, 2, { TOKEN_LEDGER_JOBS: 'false' });
    expect(await stopped.scenario.verify(secret)).toMatchObject({ valid: false, status: 401, code: 'expired_token' });
    const shown = expectStatus(await stopped.scenario.admin.get(`/v1/tokens/${token.uid}`), 200);
    expect(shown.status).toBe('expired');
    expect(await stopped.scenario.entries(`token=${token.uid}&action=TokenExpired`)).toEqual([]);

    const working = await later(stopped.ledger, 2);
    const recorded = await eventually(60_000, async () => {
      const entries = await working.scenario.entries(`token=${token.uid}&action=TokenExpired`);
      return entries.length > 0 ? entries : null;
    });
    expect(recorded).toHaveLength(1);
    expect(recorded[0].actor).toMatchObject({ type: 'job', uid: 'expire-tokens' });
  }, 180_000);

  it('E2: a token is accepted up to its instant and refused from it on; TokenExpired follows within 60 s', async () => {
    const { scenario } = await start();
    const user = await scenario.user();
    const clock = new SystemClock();
    const expiry = clock.now() + 2_000;
    const { token, secret } = await scenario.personalToken(user.uid, { expiresAt: toInstant(expiry) });
    let accepted = 0;
    const refused = await eventually(30_000, async () => {
      const askedAt = clock.now();
      const verdict = await scenario.verify(secret);
      // An answer that was asked for before the instant and came after it may be either.
      if (clock.now() < expiry) expect(verdict).toMatchObject({ valid: true, expiresAt: toInstant(expiry) });
      if (askedAt >= expiry) expect(verdict).toMatchObject({ valid: false });
      if (verdict.valid) accepted += 1;
      return verdict.valid ? null : verdict;
    });
    expect(accepted).toBeGreaterThan(0);
    expect(refused).toMatchObject({ status: 401, code: 'expired_token', tokenUid: token.uid });

    const recorded = await eventually(60_000, async () => {
      const entries = await scenario.entries(`token=${token.uid}&action=TokenExpired`);
      return entries.length > 0 ? entries : null;
    });
    expect(recorded).toHaveLength(1);
    const lateMs = Date.parse(recorded[0].recordedAt) - expiry;
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThanOrEqual(60_000);
  }, 180_000);

  it('E3: unused tokens are flagged once, a later use clears the flag, and a restart changes nothing', async () => {
    const first = await start();
    const user = await first.scenario.user();
    const used = await first.scenario.personalToken(user.uid, { expiresIn: '365d' });
    const neverUsed = await first.scenario.personalToken(user.uid, { expiresIn: '365d' });
    await first.scenario.verify(used.secret);

    const month = await later(first.ledger, 31);
    await runJob(month.scenario, 'flag-unused-tokens');
    expect(await flags(month.scenario, neverUsed.token.uid)).toBe(1);
    expect(await flags(month.scenario, used.token.uid)).toBe(0);

    const quarter = await later(month.ledger, 91);
    await Promise.all([runJob(quarter.scenario, 'flag-unused-tokens'), runJob(quarter.scenario, 'flag-unused-tokens')]);
    expect(await flags(quarter.scenario, used.token.uid)).toBe(1);
    expect(await flags(quarter.scenario, neverUsed.token.uid)).toBe(1);
    const list = expectStatus(await quarter.scenario.admin.get(`/v1/tokens?owner=${user.uid}&unused=true`), 200).data;
    expect(list).toHaveLength(2);

    expect(await quarter.scenario.verify(used.secret)).toMatchObject({ valid: true });
    const cleared = await eventually(10_000, async () => {
      const entries = await quarter.scenario.entries(`token=${used.token.uid}&action=TokenUnusedCleared`);
      return entries.length > 0 ? entries : null;
    });
    expect(cleared).toHaveLength(1);
    const after = expectStatus(await quarter.scenario.admin.get(`/v1/tokens/${used.token.uid}`), 200);
    expect(after.unusedSince).toBeNull();
  }, 240_000);

  it('E3: the number of days is tunable from 1 to 365', async () => {
    const { ledger, scenario } = await start();
    for (const days of [0, 366, 1.5, '7']) {
      expect((await scenario.admin.patch('/v1/settings', { neverUsedAfterDays: days })).status).toBe(400);
    }
    expectStatus(await scenario.admin.patch('/v1/settings', { neverUsedAfterDays: 7 }), 200);
    const { token } = await scenario.personalToken((await scenario.user()).uid);
    const week = await later(ledger, 8);
    await runJob(week.scenario, 'flag-unused-tokens');
    expect(await flags(week.scenario, token.uid)).toBe(1);
  }, 120_000);

  it('E3: the days of an organization hold for its own tokens, and for no others', async () => {
    const { ledger, scenario } = await start();
    const [acme, other] = [await scenario.organization('acme'), await scenario.organization('other')];
    const admin = await scenario.user('admin');
    await scenario.member(acme.uid, admin.uid, 'admin');
    const personal = await scenario.personalToken(admin.uid);
    const asAdmin = ledger.client(personal.secret);
    for (const days of [0, 366]) {
      const reply = await asAdmin.patch(`/v1/organizations/${acme.uid}`, { settings: { unusedAfterDays: days } });
      expect(reply.status).toBe(400);
    }
    const shortened = { settings: { unusedAfterDays: 7 } };
    expectStatus(await asAdmin.patch(`/v1/organizations/${acme.uid}`, shortened), 200);
    const ofAcme = await scenario.organizationToken(acme.uid);
    const ofOther = await scenario.organizationToken(other.uid);
    for (const { secret } of [ofAcme, ofOther]) expect(await scenario.verify(secret)).toMatchObject({ valid: true });
    expect(await scenario.verify(personal.secret, { requester: acme.uid })).toMatchObject({ valid: true });

    const afterDays = await later(ledger, 8);
    await runJob(afterDays.scenario, 'flag-unused-tokens');
    expect(await flags(afterDays.scenario, ofAcme.token.uid)).toBe(1);
    for (const { token } of [ofOther, personal]) expect(await flags(afterDays.scenario, token.uid)).toBe(0);
  }, 180_000);

  /** Asks for a run and waits until a run that began after the request has ended. */
  async function runJob(scenario: Scenario, name: string): Promise<void> {
    const requested = await scenario.admin.post(`/v1/jobs/${name}/run`, {});
    const { requestedAt } = expectStatus(requested, 202);
    await eventually(30_000, async () => {
      const jobs = expectStatus(await scenario.admin.get('/v1/jobs'), 200).data;
      const job = jobs.find((item: Loose) => item.name === name);
      return job.lastRun !== null && job.lastRun.finishedAt !== null && job.lastRun.startedAt >= requestedAt
        ? job
        : null;
    });
  }

  async function flags(scenario: Scenario, tokenUid: string): Promise<number> {
    return eventually(10_000, async () => {
      const projections = expectStatus(await scenario.admin.get('/v1/projections'), 200).data;
      if (projections.some((projection: Loose) => projection.lagEvents > 0)) return null;
      return { count: (await scenario.entries(`token=${tokenUid}&action=TokenFlaggedUnused`)).length };
    }).then(({ count }) => count);
  }
});
