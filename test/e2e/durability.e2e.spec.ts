import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

const CALLERS = 8;

interface Acknowledged {
  useId: string;
  chargeId: string;
  key: string;
}

describe('what was acknowledged is there once, whatever dies', () => {
  let dataDir: string | undefined;
  let ledger: LedgerProcess | undefined;
  afterAll(async () => {
    await ledger?.end();
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
  }, 60_000);

  it('kill -9 of the server during load, ten times in a row, then of PostgreSQL', async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ledger-kill-'));
    ledger = await LedgerProcess.start({ dataDir });
    const scenario = new Scenario(ledger.client());
    const organization = await scenario.organization();
    await scenario.grant(organization.uid, '1000000');
    const { secret } = await scenario.organizationToken(organization.uid);

    const acknowledged: Acknowledged[] = [];
    let attempts = 0;
    for (let round = 0; round < 11; round += 1) {
      const load = useUntilItDies(ledger, secret, acknowledged);
      const victim = round < 10 ? ledger.child.pid : await postmasterPid(dataDir);
      await eventually(20_000, async () => (load.count() >= 40 ? true : null));
      process.kill(victim as number, 'SIGKILL');
      await ledger.end('SIGKILL');
      await load.ended;
      attempts += load.attempts();
      ledger = await LedgerProcess.start({ dataDir });
    }

    const admin = new Scenario(ledger.client()).admin;
    const charges = await wholeFeed(admin, organization.uid);
    expect(charges.map((charge) => charge.sequence)).toEqual(
      charges.map((_, index) => String(index + 1).padStart(20, '0')),
    );
    const byId = new Map(charges.map((charge) => [charge.id, charge]));
    expect(byId.size).toBe(charges.length);
    for (const use of acknowledged) expect(byId.get(use.chargeId)?.data.useId).toBe(use.useId);
    expect(charges.length).toBeGreaterThanOrEqual(acknowledged.length);
    expect(charges.length).toBeLessThanOrEqual(attempts);
    const balance = expectStatus(await admin.get(`/v1/accounts/${organization.uid}`), 200).balance;
    expect(balance).toBe(String(1_000_000 - charges.length));
    // A log that cannot store a charge and its use in one commit has the use completed by a job, every minute.
    const uses = await eventually(150_000, async () => {
      const found = await wholeAudit(admin, organization.uid);
      return found.length >= charges.length ? found : null;
    });
    expect(new Set(uses.map((use) => use.target?.uid)).size).toBe(1);
    expect(uses.length).toBe(charges.length);

    const replayed = acknowledged[0];
    const again = await new Scenario(admin).verify(secret, { cost: '1', idempotencyKey: replayed?.key });
    expect(again).toMatchObject({ valid: true, replayed: true, chargeId: replayed?.chargeId, useId: replayed?.useId });
  }, 600_000);

  function useUntilItDies(target: LedgerProcess, secret: string, acknowledged: Acknowledged[]) {
    let count = 0;
    let attempts = 0;
    const scenario = new Scenario(target.client());
    const caller = async () => {
      for (;;) {
        const key = randomUUID();
        attempts += 1;
        const verdict: Loose = await scenario.verify(secret, { cost: '1', idempotencyKey: key }).catch(() => null);
        if (verdict === null) return;
        if (!verdict.valid) {
          if (verdict.status === 503) continue;
          throw new Error(JSON.stringify(verdict));
        }
        acknowledged.push({ useId: verdict.useId, chargeId: verdict.chargeId, key });
        count += 1;
      }
    };
    const ended = Promise.all(Array.from({ length: CALLERS }, caller));
    return { ended, count: () => count, attempts: () => attempts };
  }

  async function postmasterPid(directory: string): Promise<number> {
    const file = await readFile(join(directory, 'postgres', 'postmaster.pid'), 'utf8');
    return Number(file.split('\n')[0]);
  }

  async function wholeFeed(admin: Scenario['admin'], organizationUid: string): Promise<Loose[]> {
    const charges: Loose[] = [];
    let path = `/v1/organizations/${organizationUid}/charges?limit=1000`;
    for (;;) {
      const reply = await admin.get(path);
      const page = expectStatus(reply, 200);
      if (page.length === 0) return charges;
      charges.push(...page);
      path = /<([^>]+)>/.exec(reply.headers.get('link') ?? '')?.[1] ?? '';
    }
  }

  async function wholeAudit(admin: Scenario['admin'], organizationUid: string): Promise<Loose[]> {
    const entries: Loose[] = [];
    let cursor: string | null = null;
    do {
      const query = `organization=${organizationUid}&action=TokenUsed&limit=1000${cursor === null ? '' : `&cursor=${cursor}`}`;
      const page = expectStatus(await admin.get(`/v1/audit/entries?${query}`), 200);
      entries.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return entries;
  }
});
