import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromInstant, SystemClock } from '#libs/kernel';
import type { LedgerClient, Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

const DAY_MS = 86_400_000;
const START_MS = 180_000;

describe('npm start -- --demo', () => {
  let folder: string;
  let ledger: LedgerProcess;
  let admin: LedgerClient;
  let tokens: Loose[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger-demo-'));
    ledger = await LedgerProcess.start({ dataDir: join(folder, 'data'), args: ['--demo'] });
    admin = ledger.client();
    tokens = await whole('/v1/tokens?sort=-createdAt');
  }, START_MS);
  afterAll(async () => {
    await ledger?.dispose();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  /** All pages of a list. */
  async function whole(path: string): Promise<Loose[]> {
    const items: Loose[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = `${path.includes('?') ? '&' : '?'}limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: Loose = expectStatus(await admin.get(path + query), 200);
      items.push(...page.data);
      cursor = page.nextCursor;
    }
    return items;
  }

  /** The whole feed of an account. */
  async function feedOf(account: string): Promise<Loose[]> {
    const events: Loose[] = [];
    let path = `/v1/accounts/${account}/charges?limit=1000`;
    for (;;) {
      const reply = await admin.get(path);
      const page = expectStatus(reply, 200);
      events.push(...page);
      if (page.length === 0) return events;
      path = /<([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1] ?? '';
    }
  }

  const entries = (action: string) => whole(`/v1/audit/entries?action=${action}`);
  const named = (name: string) => tokens.find((token) => token.name === name);

  it('holds some forty tokens: of every status, flagged, never expiring with a reason, expiring soon, never used', () => {
    expect(tokens.length).toBeGreaterThanOrEqual(40);
    expect(new Set(tokens.map(({ status }) => status))).toEqual(new Set(['active', 'disabled', 'expired', 'revoked']));
    expect(new Set(tokens.map(({ type }) => type))).toEqual(new Set(['personal', 'organization', 'admin']));
    const revoked = tokens.filter(({ status }) => status === 'revoked');
    expect(revoked.length).toBeGreaterThanOrEqual(4);
    for (const { revokeReason } of revoked) expect(revokeReason).toMatch(/\w/);
    const now = new SystemClock().now();
    const active = tokens.filter(({ status }) => status === 'active');
    expect(active.filter(({ unusedSince }) => unusedSince !== null).length).toBeGreaterThanOrEqual(2);
    expect(active.filter(({ expiresAt }) => expiresAt === null).length).toBeGreaterThanOrEqual(2);
    const soon = active.filter(({ expiresAt }) => expiresAt !== null && fromInstant(expiresAt) < now + 14 * DAY_MS);
    expect(soon.length).toBeGreaterThanOrEqual(2);
    expect(active.filter(({ lastUsedAt }) => lastUsedAt === null).length).toBeGreaterThanOrEqual(2);
    expect(named('Old gateway')).toMatchObject({ status: 'revoked', revokeReason: 'replaced by Production inference' });
  });

  it('holds five organizations with people in every role, and people who look after all of them', async () => {
    const organizations = await whole('/v1/organizations');
    expect(organizations).toHaveLength(5);
    const members = await Promise.all(organizations.map(({ uid }) => whole(`/v1/organizations/${uid}/members`)));
    const roles = new Set(members.flat().map(({ role }) => role));
    expect(roles).toEqual(new Set(['admin', 'developer', 'endpoint_user', 'billing', 'auditor']));
    const users = await whole('/v1/users');
    expect(users.length).toBeGreaterThanOrEqual(12);
    expect(new Set(users.flatMap(({ instanceRoles }) => instanceRoles))).toEqual(
      new Set(['admin', 'auditor', 'billing']),
    );
    expect(users.filter(({ status }) => status === 'disabled')).toHaveLength(1);
  });

  it('holds 10,000 uses of some four months, each recorded when it happened, and refusals of many kinds', async () => {
    const uses = await entries('TokenUsed');
    expect(uses).toHaveLength(10_000);
    const times = uses.map(({ time }) => fromInstant(time));
    const now = new SystemClock().now();
    expect(Math.min(...times)).toBeLessThan(now - 110 * DAY_MS);
    expect(Math.max(...times)).toBeLessThanOrEqual(now);
    for (const { time, recordedAt } of uses) {
      const delayMs = fromInstant(recordedAt) - fromInstant(time);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThan(5 * 60_000);
    }
    expect(new Set(uses.map(({ ip }) => ip)).size).toBeGreaterThan(20);
    expect(new Set(uses.map(({ userAgent }) => userAgent)).size).toBeGreaterThan(10);
    const denied = await entries('TokenUseDenied');
    expect(new Set(denied.map(({ reason }) => reason))).toEqual(
      new Set([
        'revoked_token',
        'expired_token',
        'disabled_token',
        'insufficient_scope',
        'resource_not_allowed',
        'ip_not_allowed',
        'requester_not_allowed',
        'owner_inactive',
        'insufficient_credits',
        'unknown_token',
        'checksum_mismatch',
      ]),
    );
  });

  it('tells the time in the order in which it was recorded', async () => {
    const all = await whole('/v1/audit/entries?order=asc');
    const recorded = all.map(({ recordedAt }) => fromInstant(recordedAt));
    expect(recorded).toEqual([...recorded].sort((a, b) => a - b));
    const actions = new Set(all.map(({ action }) => action));
    for (const action of [
      'TokenExpired',
      'TokenFlaggedUnused',
      'TokenUnusedCleared',
      'GrantExpired',
      'ChargeReversed',
    ]) {
      expect(actions).toContain(action);
    }
  });

  it('has for each organization the balance that its feed adds up to, prepaid or postpaid', async () => {
    const changes = [...(await entries('CreditsGranted')), ...(await entries('GrantExpired'))];
    const modes = new Set<string>();
    for (const { uid } of await whole('/v1/organizations')) {
      const account = expectStatus(await admin.get(`/v1/accounts/${uid}`), 200);
      modes.add(account.mode);
      const feed = await feedOf(uid);
      expect(feed.map(({ sequence }) => Number(sequence))).toEqual(feed.map((_, index) => index + 1));
      const granted = changes.filter(({ target }) => target.uid === uid).map(({ time }) => time);
      const isUntouched = (from: string, to: string) => granted.every((time) => time < from || time > to);
      let compared = 0;
      for (const [index, event] of feed.slice(1).entries()) {
        const before = feed[index];
        if (!isUntouched(before.time, event.time)) continue;
        compared += 1;
        const sum = BigInt(before.data.balanceAfter) - BigInt(event.data.amount);
        expect({ id: event.id, after: event.data.balanceAfter }).toEqual({ id: event.id, after: sum.toString() });
        if (account.mode === 'prepaid') expect(sum).toBeGreaterThanOrEqual(-BigInt(account.limit));
      }
      expect(compared).toBeGreaterThan(feed.length * 0.9);
      expect(account.balance).toBe(feed.at(-1).data.balanceAfter);
    }
    expect(modes).toEqual(new Set(['prepaid', 'postpaid']));
    const everything = await Promise.all((await whole('/v1/users')).map(({ uid }) => feedOf(uid)));
    expect(everything.flat().every(({ type }) => type === 'tokenledger.user.charged.v1')).toBe(true);
    expect(everything.flat().length).toBeGreaterThan(10);
  });

  it('keeps tokens of an auditor and of a billing user in a file, and prints neither', async () => {
    const path = join(ledger.dataDir, 'demo-tokens');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(ledger.output).toContain(path);
    const file = await readFile(path, 'utf8');
    const tokenOf = (variable: string) => new RegExp(`^${variable}=(tlp_\\S+)$`, 'm').exec(file)?.[1] ?? '';
    const [auditor, billing] = [tokenOf('DEMO_AUDITOR_TOKEN'), tokenOf('DEMO_BILLING_TOKEN')];
    for (const token of [auditor, billing]) {
      expect(token).not.toBe('');
      expect(ledger.output).not.toContain(token);
    }
    expectStatus(await ledger.client(auditor).get('/v1/audit/entries'), 200);
    expect((await ledger.client(auditor).post('/v1/organizations', { handle: 'mine' })).status).toBe(403);
    expectStatus(await ledger.client(billing).get('/v1/charges'), 200);
    expect((await ledger.client(billing).get('/v1/audit/entries')).status).toBe(403);
  });

  it(
    'adds nothing the second time, and refuses a ledger that holds something else',
    async () => {
      const before = (await whole('/v1/audit/entries?action=TokenCreated')).length;
      await ledger.end();
      ledger = await LedgerProcess.start({ dataDir: ledger.dataDir, args: ['--demo'] });
      admin = ledger.client();
      expect(ledger.output).toMatch(/demo is in this ledger already/);
      expect(await entries('TokenCreated')).toHaveLength(before);
      // By the machine's own clock again, and in order after the history.
      const { uid } = await new Scenario(admin).organization();
      const made = expectStatus(await admin.get(`/v1/organizations/${uid}`), 200);
      expect(new SystemClock().now() - fromInstant(made.createdAt)).toBeLessThan(60_000);

      const dataDir = join(folder, 'used');
      const used = await LedgerProcess.start({ dataDir });
      await used.end();
      const { code, output } = await LedgerProcess.startInVain({ dataDir, args: ['--demo'] });
      expect(code).toBe(1);
      expect(output).toMatch(/--demo fills an empty ledger, and this one holds events already, perhaps of a demo/);
      expect(output).not.toMatch(/^\s+at /m);
    },
    START_MS,
  );
});
