import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'light-my-request';
import type { ChargeEvent } from './list-charges/charge-event.js';
import { type BillingServer, startBillingServer } from './testing/billing-server.js';

let billing: BillingServer;
let acme: string;
let installation: string;

beforeAll(async () => {
  billing = await startBillingServer();
  acme = await billing.open('org', null);
  const [first] = await billing.database.log.readStream('system');
  installation = (first?.data as { installationUid: string }).installationUid;
}, 120_000);

afterAll(() => billing.close(), 60_000);

const status = ({ statusCode, body }: { statusCode: number; body: string }) => [statusCode, JSON.parse(body).code];
const get = (url: string, caller = 'installation', headers: Record<string, string> = {}) =>
  billing.call(caller, 'GET', url, { headers });
const charge = async (account: string, change: object = {}) =>
  (
    await billing.post('installation', `/v1/accounts/${account}/charges`, {
      amount: '3',
      operation: 'storage',
      ...change,
    })
  ).json<{ uid: string }>().uid;
const events = (answer: Response) => answer.json<ChargeEvent[]>();
const next = (answer: Response) => /^<([^>]+)>; rel="next"$/.exec(String(answer.headers['link']))?.[1] ?? '';

describe('the feed of an account', () => {
  it('200: shows charges and reversals as CloudEvents', async () => {
    const uid = await billing.open('org', null);
    const credits = { amount: '2', kind: 'paid', reason: 'x' };
    const grant = (await billing.post('installation', `/v1/accounts/${uid}/grants`, credits)).json<{ uid: string }>()
      .uid;
    const tokenUid = await billing.token({ type: 'organization', uid });
    const chargeUid = await charge(uid, { quantity: '2', reason: 'monthly', tokenUid });
    await billing.post('installation', `/v1/charges/${chargeUid}/reversals`, { amount: '2', reason: 'mistake' });
    const answer = await get(`/v1/organizations/${uid}/charges`);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/cloudevents-batch+json']);
    const shared = {
      specversion: '1.0',
      type: 'tokenledger.org.charged.v1',
      source: `/tokenledger/${installation}/orgs/${uid}`,
      subject: uid,
      time: '2026-11-25T08:00:00.000Z',
      datacontenttype: 'application/json',
      dataschema: 'https://tokenledger.example/schemas/org-charged/1',
      partitionkey: uid,
      recordedtime: '2026-11-25T08:00:00.000Z',
      correlationid: expect.any(String),
      authtype: 'api_key',
    };
    const data = {
      payer: uid,
      organization: uid,
      principal: null,
      tokenUid,
      tokenPrefix: 'tlp_01234567',
      operation: 'storage',
      quantityUnit: null,
      scale: 0,
      unit: 'CREDIT',
      price: null,
      holdId: null,
      useId: null,
      period: '2026-11',
      servicePeriod: '2026-11',
      labels: {},
    };
    expect(events(answer)).toEqual([
      {
        ...shared,
        id: chargeUid,
        sequence: '00000000000000000001',
        authid: 'tok_01JD00000000000000000000TK',
        data: {
          ...data,
          chargeId: chargeUid,
          chargeNumber: '1',
          kind: 'charge',
          quantity: '2',
          amount: '3',
          allocations: [{ grantId: grant, amount: '2' }],
          reverses: null,
          reason: 'monthly',
          balanceAfter: '-1',
        },
      },
      {
        ...shared,
        id: expect.stringMatching(/^chg_/),
        sequence: '00000000000000000002',
        causationid: chargeUid,
        authid: 'tok_01JD00000000000000000000TK',
        data: {
          ...data,
          chargeId: expect.stringMatching(/^chg_/),
          chargeNumber: '2',
          kind: 'reversal',
          quantity: null,
          amount: '-2',
          allocations: [{ grantId: grant, amount: '1' }],
          reverses: chargeUid,
          reason: 'mistake',
          balanceAfter: '1',
        },
      },
    ]);
    expect((await get(`/v1/organizations/${uid}/charges`)).body).toBe(answer.body);
  });

  it('200: pages in order, without a gap or a repeat, and links on from an empty page', async () => {
    const uid = await billing.open('org', null);
    for (let count = 0; count < 7; count += 1) await charge(uid);
    const seen: ChargeEvent[] = [];
    let url = `/v1/organizations/${uid}/charges?limit=3`;
    for (let page = 0; page < 4; page += 1) {
      const answer = await get(url);
      seen.push(...events(answer));
      url = next(answer);
    }
    expect(seen.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const empty = await get(url);
    expect([empty.statusCode, empty.body, next(empty)]).toEqual([200, '[]', url]);
    const uid8 = await charge(uid);
    expect(events(await get(url)).map(({ id }) => id)).toEqual([uid8]);
  });

  it('200: links on from the very beginning', async () => {
    const uid = await billing.open('org', null);
    const empty = await get(`/v1/organizations/${uid}/charges`);
    expect([empty.statusCode, empty.body]).toEqual([200, '[]']);
    const uid1 = await charge(uid);
    expect(events(await get(next(empty))).map(({ id }) => id)).toEqual([uid1]);
  });

  it('200: one event a line where lines are accepted', async () => {
    const uid = await billing.open('org', null);
    await charge(uid);
    await charge(uid);
    const batch = await get(`/v1/organizations/${uid}/charges`);
    const lines = await get(`/v1/organizations/${uid}/charges`, 'installation', { accept: 'application/x-ndjson' });
    expect(lines.headers).toMatchObject({ 'content-type': 'application/x-ndjson', vary: 'Accept' });
    expect(lines.body).toBe(
      events(batch)
        .map((event) => `${JSON.stringify(event)}\n`)
        .join(''),
    );
    expect(next(lines)).toBe(next(batch));
    const none = await get(next(lines), 'installation', { accept: 'application/x-ndjson' });
    expect([none.statusCode, none.body]).toEqual([200, '']);
  });

  it('200: shows personal credits too, as events of their own type', async () => {
    const ada = billing.user();
    await billing.openAs(ada, null);
    await charge(ada);
    const answer = await get(`/v1/accounts/${ada}/charges`, ada);
    expect(events(answer)).toMatchObject([
      {
        type: 'tokenledger.user.charged.v1',
        source: `/tokenledger/${installation}/users/${ada}`,
        subject: ada,
        dataschema: 'https://tokenledger.example/schemas/user-charged/1',
        data: { payer: ada, organization: null },
      },
    ]);
  });

  it('200: shows an organization the same under both paths, to its admins, billing and tokens', async () => {
    await charge(acme);
    const members = (['admin', 'billing'] as const).map((role) => billing.user({ roles: { [acme]: role } }));
    const roles = (['billing', 'auditor'] as const).map((role) => billing.user({ instanceRoles: [role] }));
    const seen = await Promise.all(
      ['installation', acme, ...members, ...roles].map((caller) => get(`/v1/organizations/${acme}/charges`, caller)),
    );
    seen.push(await get(`/v1/accounts/${acme}/charges`));
    expect(new Set(seen.map(({ body }) => body)).size).toBe(1);
    expect(events(seen[0]!).length).toBeGreaterThan(0);
  });

  it('403 for who may know of the account but not of its charges, 404 for everybody else', async () => {
    const auditor = billing.user({ roles: { [acme]: 'auditor' } });
    const developer = billing.user({ roles: { [acme]: 'developer' } });
    const ada = billing.user();
    await billing.openAs(ada);
    for (const caller of [auditor, developer]) {
      expect(status(await get(`/v1/organizations/${acme}/charges`, caller))).toEqual([403, 'permission_denied']);
    }
    expect(status(await get(`/v1/accounts/${acme}/charges`, ada))).toEqual([404, 'not_found']);
    expect(status(await get(`/v1/accounts/${ada}/charges`, developer))).toEqual([404, 'not_found']);
    expect(status(await get(`/v1/organizations/${ada}/charges`))).toEqual([404, 'not_found']);
    expect(status(await get('/v1/organizations/org_01JD0000000000000000000000/charges'))).toEqual([404, 'not_found']);
    expect(status(await get('/v1/accounts/nobody/charges'))).toEqual([404, 'not_found']);
  });

  it.each([
    ['limit=0', 'validation_failed'],
    ['limit=1001', 'validation_failed'],
    ['wait=31', 'validation_failed'],
    ['wait=x', 'validation_failed'],
    ['cursor=x', 'unknown_field'],
    ['after=', 'invalid_cursor'],
    ['after=x', 'invalid_cursor'],
  ])('400: ?%s', async (query, code) => {
    expect(status(await get(`/v1/organizations/${acme}/charges?${query}`))).toEqual([400, code]);
  });

  it('400: a cursor of another feed, of another ledger, or beyond the head', async () => {
    const other = await billing.open('org', null);
    const foreign = new URL(next(await get(`/v1/organizations/${other}/charges`)), 'http://x').searchParams.get(
      'after',
    )!;
    const forged = (...values: string[]) => Buffer.from(JSON.stringify(values)).toString('base64url');
    for (const after of [
      foreign,
      forged('ins_01JD0000000000000000000000', acme, '1'),
      forged(installation, acme, '-1'),
      forged(installation, acme, '999999999'),
    ]) {
      expect(status(await get(`/v1/organizations/${acme}/charges?after=${after}`))).toEqual([400, 'invalid_cursor']);
    }
  });
});

describe('the description of the feeds', () => {
  it('names all forms of an answer', async () => {
    type Described = { get: { responses: Record<number, { content: object }> } };
    const { paths } = (await get('/openapi.json')).json<{ paths: Record<string, Described> }>();
    for (const path of ['/v1/organizations/{uid}/charges', '/v1/accounts/{uid}/charges', '/v1/charges']) {
      const { content } = paths[path]!.get.responses[200]!;
      const lines = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'];
      expect(Object.keys(content)).toEqual(['application/cloudevents-batch+json', ...lines]);
    }
  });
});

describe('the feed of all organizations', () => {
  it('200: shows the charges of all of them in the order of the log, and no personal ones', async () => {
    const [one, two, ada] = [
      await billing.open('org', null),
      await billing.open('org', null),
      await billing.open('usr', null),
    ];
    const uids = [await charge(one), await charge(two), await charge(ada), await charge(one)];
    const auditor = billing.user({ instanceRoles: ['auditor'] });
    const shown = events(await get('/v1/charges?limit=1000', auditor)).map(({ id }) => id);
    expect(shown.filter((id) => uids.includes(id))).toEqual([uids[0], uids[1], uids[3]]);
    const first = await get('/v1/charges?limit=1', auditor);
    expect(events(await get(next(first), auditor)).map(({ id }) => id)).toEqual(shown.slice(1, 2));
  });

  it('403: for everybody else', async () => {
    for (const caller of [acme, billing.user(), billing.user({ roles: { [acme]: 'admin' } })]) {
      expect(status(await get('/v1/charges', caller))).toEqual([403, 'permission_denied']);
    }
  });
});

describe('who waits for charges', () => {
  it('is answered as soon as there is one', async () => {
    const uid = await billing.open('org', null);
    const waiting = get(`/v1/organizations/${uid}/charges?wait=30`);
    const chargeUid = await charge(uid);
    const answer = await waiting;
    expect(events(answer).map(({ id }) => id)).toEqual([chargeUid]);
    expect(next(answer)).toContain('wait=30');
  });

  it('is answered at once where there are some, and with an empty page when the time is over', async () => {
    const uid = await billing.open('org', null);
    const chargeUid = await charge(uid);
    const answer = await get(`/v1/organizations/${uid}/charges?wait=30`);
    expect(events(answer).map(({ id }) => id)).toEqual([chargeUid]);
    const late = await get(next(answer).replace('wait=30', 'wait=1'));
    expect([late.statusCode, late.body]).toEqual([200, '[]']);
  });

  it('does not keep the server from stopping', async () => {
    const own = await startBillingServer();
    try {
      const uid = await own.open('org', null);
      const waiting = own.call('installation', 'GET', `/v1/organizations/${uid}/charges?wait=30`);
      // The wait has begun when its account was looked up, which comes before.
      await own.call('installation', 'GET', `/v1/organizations/${uid}/charges`);
      await own.beginShutdown();
      expect((await waiting).body).toBe('[]');
    } finally {
      await own.close();
    }
  }, 30_000);
});
