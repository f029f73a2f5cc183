import { randomUUID } from 'node:crypto';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EmbeddedPostgres } from '#libs/postgres';
import { BaseBackup } from './support/base-backup.js';
import { EVENT_STORE_URL, eventStoreSettings } from './support/event-store.js';
import { eventually } from './support/eventually.js';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { runCommand } from './support/run-command.js';
import { expectStatus, Scenario } from './support/scenario.js';

const TEST_MS = 180_000;
const GRANTED = 100_000;
const CALLERS = 4;
/** Half of them before the backup, others while it is taken and after it. */
const USES_MIN = 40;

interface Use {
  readonly useId: string;
  readonly chargeId: string;
  readonly key: string;
}

/** As docs/operating/cluster.md says it: back up, lose the machine, restore, `rebuild`, start. */
describe('a ledger of several processes that is restored from a backup taken while it was used', () => {
  let folder: string;
  let postgres: EmbeddedPostgres | null = null;
  let api: LedgerProcess | null = null;
  let projector: LedgerProcess | null = null;
  let adminToken: string;
  let organization: string;
  let used: Awaited<ReturnType<Scenario['organizationToken']>>;
  let revokedBefore: typeof used;
  let revokedAfter: typeof used;
  /** Uses that were acknowledged before the backup was complete. */
  let acknowledged: readonly Use[];

  const settings = () => ({
    ...eventStoreSettings(folder),
    DATABASE_URL: postgres!.connectionString,
    TOKEN_LEDGER_SECRETS_FILE: join(folder, 'secrets'),
  });
  const start = (role: string) =>
    LedgerProcess.start({ dataDir: join(folder, role), env: { ...settings(), ROLE: role } });
  const revoke = async ({ admin }: Scenario, { token }: typeof used) =>
    expectStatus(await admin.post(`/v1/tokens/${token.uid}/revoke`, { reason: 'leaked' }), 200);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-backup-'));
    const dataDir = join(folder, 'postgres');
    postgres = await EmbeddedPostgres.start({ dataDir });
    [api, projector] = await Promise.all([start('api'), start('projector')]);
    adminToken = api.adminToken || projector.adminToken;
    const scenario = new Scenario(api.client(adminToken));
    organization = (await scenario.organization()).uid;
    await scenario.grant(organization, String(GRANTED));
    [used, revokedBefore, revokedAfter] = [
      await scenario.organizationToken(organization),
      await scenario.organizationToken(organization),
      await scenario.organizationToken(organization),
    ];
    await revoke(scenario, revokedBefore);

    const load = new UsesUntilStopped(scenario, used.secret);
    await eventually(60_000, async () => (load.acknowledged.length >= USES_MIN / 2 ? true : null));
    const { connectionString } = postgres;
    const backup = await BaseBackup.begin({ connectionString, dataDir, target: join(folder, 'backup') });
    acknowledged = [...load.acknowledged];
    await Promise.all([backup.end(), copyFile(join(folder, 'secrets'), join(folder, 'secrets.backup'))]);
    const wanted = acknowledged.length + USES_MIN / 2;
    await eventually(60_000, async () => (load.acknowledged.length >= wanted ? true : null));
    await load.stop();
    await revoke(scenario, revokedAfter);

    await Promise.all([api.end('SIGKILL'), projector.end('SIGKILL')]);
    await postgres.stop();
    await Promise.all(['postgres', 'secrets', 'api', 'projector'].map((name) => remove(join(folder, name))));
    await copyFile(join(folder, 'secrets.backup'), join(folder, 'secrets'));
    postgres = await EmbeddedPostgres.start({ dataDir: join(folder, 'backup') });
    const rebuilt = await runCommand(['rebuild'], settings());
    expect(rebuilt).toMatchObject({ code: 0 });
    [api, projector] = await Promise.all([start('api'), start('projector')]);
  }, TEST_MS);
  afterAll(async () => {
    await Promise.all([api?.end(), projector?.end()]);
    await postgres?.stop();
    await remove(folder);
  }, 60_000);

  const wholeFeed = async (): Promise<Loose[]> => {
    const feed: Loose[] = [];
    for (let path = `/v1/organizations/${organization}/charges?limit=1000`; ;) {
      const reply = await restored().admin.get(path);
      const page: Loose[] = expectStatus(reply, 200);
      if (page.length === 0) return feed;
      feed.push(...page);
      path = /<([^>]+)>/.exec(reply.headers.get('link') ?? '')![1]!;
    }
  };
  const restored = () => new Scenario(api!.client(adminToken));
  const check = async ({ secret }: typeof used) => (await restored().verify(secret, { cost: '1' })).code as string;

  it('holds every use that was acknowledged before the backup was complete, each charged once', async () => {
    const feed = await wholeFeed();
    expect(acknowledged.length).toBeGreaterThanOrEqual(USES_MIN / 2);
    expect(feed.map(({ sequence }) => sequence)).toEqual(feed.map((_, index) => String(index + 1).padStart(20, '0')));
    const uses = new Map(feed.map(({ id, data }) => [id, data.useId]));
    for (const { chargeId, useId } of acknowledged) expect(uses.get(chargeId)).toBe(useId);
    expect(await restored().balance(organization)).toBe(String(GRANTED - feed.length));
  });

  it('answers a use that is sent again under its key with the charge of the first time', async () => {
    const { key, useId, chargeId } = acknowledged[0]!;
    const again = await restored().verify(used.secret, { cost: '1', idempotencyKey: key });
    expect(again).toMatchObject({ valid: true, replayed: true, useId, chargeId });
  });

  it('knows its secrets, and what was revoked before', async () => {
    expect(await check(used)).toBe('valid');
    expect(await check(revokedBefore)).toBe('revoked_token');
  });

  it('has lost what was acknowledged after the backup where its log was restored, and nothing where it was not', async () => {
    const isLogRestored = EVENT_STORE_URL === '';
    expect(await check(revokedAfter)).toBe(isLogRestored ? 'valid' : 'revoked_token');
    await revoke(restored(), revokedAfter);
    expect(await check(revokedAfter)).toBe('revoked_token');
  });
});

/** Charged uses, one after the other for each caller. */
class UsesUntilStopped {
  readonly acknowledged: Use[] = [];
  private isOver = false;
  private readonly callers: Promise<void>[];

  constructor(
    private readonly scenario: Scenario,
    private readonly secret: string,
  ) {
    this.callers = Array.from({ length: CALLERS }, () => this.call());
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.callers);
  }

  private async call(): Promise<void> {
    while (!this.isOver) {
      const key = randomUUID();
      const { valid, useId, chargeId } = await this.scenario.verify(this.secret, { cost: '1', idempotencyKey: key });
      if (valid === true) this.acknowledged.push({ useId, chargeId, key });
    }
  }
}

const remove = (path: string) => rm(path, { recursive: true, force: true, maxRetries: 5 });
