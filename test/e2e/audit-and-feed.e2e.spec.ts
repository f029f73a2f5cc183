import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LedgerClient, Loose } from './support/ledger-client.js';
import { fromInstant, SystemClock, toInstant } from '#libs/kernel';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

describe('audit log and charge feed', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  /** A user with one role of the instance, and a client that calls as that user. */
  async function holderOf(role: 'auditor' | 'billing'): Promise<{ uid: string; client: LedgerClient }> {
    const { uid } = await scenario.user(role);
    expectStatus(await scenario.admin.put(`/v1/users/${uid}/roles`, { roles: [role] }), 200);
    return { uid, client: await clientOf(uid) };
  }

  async function clientOf(userUid: string): Promise<LedgerClient> {
    const { secret } = await scenario.personalToken(userUid, { access: { operations: true } });
    return ledger.client(secret);
  }

  it('E4: a read-only reviewer filters by token, actor, organization, address, type and time, and can change nothing', async () => {
    const { client: auditor } = await holderOf('auditor');
    const user = await scenario.user();
    const organization = await scenario.organization();
    await scenario.member(organization.uid, user.uid);
    await scenario.grant(organization.uid, '10');
    const { token, secret } = await scenario.personalToken(user.uid);
    await scenario.verify(secret, { requester: organization.uid, cost: '1', ip: '203.0.113.9' });
    const from = toInstant(new SystemClock().now() - 60_000);
    const to = toInstant(new SystemClock().now() + 60_000);
    for (const [query, action] of [
      [`token=${token.uid}&action=TokenUsed`, 'TokenUsed'],
      [`actor=${user.uid}&action=TokenUsed`, 'TokenUsed'],
      [`organization=${organization.uid}&action=OrgCharged`, 'OrgCharged'],
      ['ip=203.0.113.9', 'TokenUsed'],
      [`action=TokenCreated&token=${token.uid}&from=${from}&to=${to}`, 'TokenCreated'],
    ]) {
      const { data } = expectStatus(await auditor.get(`/v1/audit/entries?${query}`), 200);
      expect(data.length).toBeGreaterThan(0);
      expect(data.every((entry: Loose) => entry.action === action)).toBe(true);
    }
    const past = await auditor.get(`/v1/audit/entries?token=${token.uid}&to=${from}`);
    expect(expectStatus(past, 200).data).toEqual([]);
    expect((await auditor.post(`/v1/tokens/${token.uid}/revoke`, {})).status).toBe(403);
    expect((await auditor.post('/v1/users', { handle: 'x', email: 'x@example.com' })).status).toBe(403);
  });

  it('E4: the time by itself selects, from its first instant on and up to but not with its last', async () => {
    const { client: auditor } = await holderOf('auditor');
    const { token, secret } = await scenario.personalToken((await scenario.user()).uid);
    await scenario.verify(secret);
    const entries = await scenario.entries(`token=${token.uid}`);
    // Uses are found by another index than what is rare.
    expect(entries.map((entry) => entry.action).sort()).toEqual(['TokenCreated', 'TokenUsed']);
    for (const { position, time } of entries) {
      const next = toInstant(fromInstant(time) + 1);
      const shows = async (query: string) => {
        const { data, nextCursor } = expectStatus(await auditor.get(`/v1/audit/entries?${query}&limit=1000`), 200);
        expect(nextCursor).toBeNull();
        return data.some((entry: Loose) => entry.position === position);
      };
      expect(await shows(`from=${time}`)).toBe(true);
      expect(await shows(`from=${next}`)).toBe(false);
      expect(await shows(`to=${time}`)).toBe(false);
      expect(await shows(`to=${next}`)).toBe(true);
      expect(await shows('from=1970-01-01&to=9999-12-31')).toBe(true);
      expect(await shows('from=9999-12-31')).toBe(false);

      const within = expectStatus(await auditor.get(`/v1/audit/entries?from=${time}&to=${next}`), 200).data;
      expect(within.map((entry: Loose) => entry.position)).toContain(position);
      expect(new Set(within.map((entry: Loose) => entry.time))).toEqual(new Set([time]));
    }
  });

  it('E4: a reviewer pages by keyset without a gap or a repeat while entries arrive', async () => {
    const { client: auditor } = await holderOf('auditor');
    const user = await scenario.user();
    const { secret } = await scenario.personalToken(user.uid);
    for (let use = 0; use < 12; use += 1) await scenario.verify(secret);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Loose = expectStatus(
        await auditor.get(`/v1/audit/entries?actor=${user.uid}&limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`),
        200,
      );
      seen.push(...page.data.map((entry: Loose) => entry.position));
      cursor = page.nextCursor;
      await scenario.verify(secret);
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(12);
    expect([...seen].sort((a, b) => Number(BigInt(b) - BigInt(a)))).toEqual(seen);
  });

  it('E4: a reviewer exports CSV and NDJSON whole, formulas neutralised, and each export is recorded as theirs', async () => {
    const { uid, client: auditor } = await holderOf('auditor');
    const user = await scenario.user();
    const { token } = await scenario.personalToken(user.uid);
    expectStatus(
      await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, { reason: '=HYPERLINK("http://x")' }),
      200,
    );
    const ndjson = await auditor.get(`/v1/audit/export?format=ndjson&token=${token.uid}`);
    const rows = expectStatus(ndjson, 200)
      .trim()
      .split('\n')
      .map((line: string) => JSON.parse(line));
    const listed = await scenario.entries(`token=${token.uid}`);
    expect(listed.map((entry) => entry.action).sort()).toEqual(['TokenCreated', 'TokenRevoked']);
    expect(
      rows
        .filter((row: Loose) => row.action !== undefined)
        .map((row: Loose) => row.position)
        .sort(),
    ).toEqual(listed.map((entry) => entry.position).sort());
    const csv = await auditor.get(`/v1/audit/export?format=csv&token=${token.uid}`);
    expectStatus(csv, 200);
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    expect(csv.text).toContain(`'=HYPERLINK`);
    const exports = await scenario.entries(`action=AuditLogExported&actor=${uid}`);
    expect(exports).toHaveLength(2);
  });

  it('E5: the feed of an organization is in order, contiguous, resumable, the same each time, and a repeated charge does not grow it', async () => {
    const organization = await scenario.organization();
    const consumer = await scenario.user('consumer');
    await scenario.member(organization.uid, consumer.uid, 'billing');
    const billing = await clientOf(consumer.uid);
    await scenario.grant(organization.uid, '1000');
    const charge = async (key: string) => {
      const body = { amount: '5', operation: 'storage', reason: 'monthly' };
      return scenario.admin.post(`/v1/accounts/${organization.uid}/charges`, body, { 'idempotency-key': key });
    };
    const keys = Array.from({ length: 7 }, () => randomUUID());
    for (const key of keys) expectStatus(await charge(key), 201);
    const replay = await charge(keys[0] ?? '');
    expect(expectStatus(replay, 201).chargeNumber).toBe('1');
    expect(replay.headers.get('idempotent-replayed')).toBe('true');

    const start = `/v1/organizations/${organization.uid}/charges?limit=3`;
    const { events, next } = await readFeed(billing, start);
    expect(events.map((event) => event.sequence)).toEqual(keys.map((_, index) => String(index + 1).padStart(20, '0')));
    expect(new Set(events.map((event) => event.id)).size).toBe(7);
    expect((await readFeed(billing, start)).events).toEqual(events);
    expect(expectStatus(await billing.get(next), 200)).toEqual([]);

    const reversal = await scenario.admin.post(
      `/v1/charges/${events[0].id}/reversals`,
      { reason: 'mistake' },
      { 'idempotency-key': randomUUID() },
    );
    expectStatus(reversal, 201);
    const tail = expectStatus(await billing.get(next), 200);
    expect(tail).toHaveLength(1);
    expect(tail[0].data).toMatchObject({ kind: 'reversal', amount: '-5', reverses: events[0].id, balanceAfter: '970' });
    const { client: billingOfAll } = await holderOf('billing');
    const all = expectStatus(await billingOfAll.get('/v1/charges?limit=1000'), 200);
    expect(all.filter((event: Loose) => event.subject === organization.uid)).toEqual([...events, ...tail]);
  });

  it('E5: a use that is sent again with its key charges nothing and adds nothing to the feed', async () => {
    const organization = await scenario.organization();
    await scenario.grant(organization.uid, '10');
    const { secret } = await scenario.organizationToken(organization.uid);
    const consumer = await scenario.user('consumer');
    await scenario.member(organization.uid, consumer.uid, 'billing');
    const billing = await clientOf(consumer.uid);
    const path = `/v1/organizations/${organization.uid}/charges`;

    const use = { cost: '3', idempotencyKey: 'use-1', operation: 'pipeline.run' };
    const first = await scenario.verify(secret, use);
    const before = await readFeed(billing, path);
    expect(before.events).toEqual([expect.objectContaining({ id: first.chargeId, causationid: first.useId })]);
    const again = await scenario.verify(secret, use);
    expect(again).toMatchObject({ valid: true, replayed: true, chargeId: first.chargeId });
    // One more charge, which the feed shows: what the replay had added would stand before it.
    const other = await scenario.verify(secret, { ...use, idempotencyKey: 'use-2' });
    const after = expectStatus(await billing.get(before.next), 200);
    expect(after.map((event: Loose) => event.id)).toEqual([other.chargeId]);
    expect(await scenario.balance(organization.uid)).toBe('4');
  });

  it('E5: members who do not bill may not read it, and to billing of another organization there is no such feed', async () => {
    const [organization, other] = [await scenario.organization(), await scenario.organization()];
    const [developer, stranger] = [await scenario.user('developer'), await scenario.user('stranger')];
    await scenario.member(organization.uid, developer.uid, 'developer');
    await scenario.member(other.uid, stranger.uid, 'billing');
    const answerTo = async (user: { uid: string }) =>
      (await clientOf(user.uid)).get(`/v1/organizations/${organization.uid}/charges`);
    expect(expectStatus(await answerTo(developer), 403).code).toBe('permission_denied');
    expect(expectStatus(await answerTo(stranger), 404).code).toBe('not_found');
  });

  it('E5: money needs a key, refuses what the account does not cover, and follows mode and limit', async () => {
    const organization = await scenario.organization();
    const path = `/v1/accounts/${organization.uid}`;
    const body = { amount: '5', operation: 'storage' };
    expect(expectStatus(await scenario.admin.post(`${path}/charges`, body), 400).code).toBe('idempotency_key_required');
    const key = () => ({ 'idempotency-key': randomUUID() });
    expect(expectStatus(await scenario.admin.post(`${path}/charges`, body, key()), 402).code).toBe(
      'insufficient_credits',
    );
    expect(expectStatus(await scenario.admin.post(`${path}/charges`, { ...body, amount: 5 }, key()), 400).code).toBe(
      'validation_failed',
    );
    expect(expectStatus(await scenario.admin.patch(path, { limit: '7' }), 200)).toMatchObject({
      mode: 'prepaid',
      limit: '7',
    });
    expect(expectStatus(await scenario.admin.post(`${path}/charges`, body, key()), 201).balanceAfter).toBe('-5');
    expectStatus(await scenario.admin.post(`${path}/charges`, body, key()), 402);
    expect(expectStatus(await scenario.admin.patch(path, { mode: 'postpaid' }), 200)).toMatchObject({
      mode: 'postpaid',
      limit: null,
    });
    expect(expectStatus(await scenario.admin.post(`${path}/charges`, body, key()), 201).balanceAfter).toBe('-10');
  });

  /** Follows a feed from `path` to its first empty page; `next` leads on from there. */
  async function readFeed(reader: LedgerClient, path: string): Promise<{ events: Loose[]; next: string }> {
    const events: Loose[] = [];
    let next = path;
    for (;;) {
      const reply = await reader.get(next);
      const page = expectStatus(reply, 200);
      expect(reply.headers.get('content-type')).toMatch(/^application\/cloudevents-batch\+json/);
      next = /<([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1] ?? '';
      expect(next).not.toBe('');
      if (page.length === 0) return { events, next };
      events.push(...page);
    }
  }
});
