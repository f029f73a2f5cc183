import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NGINX, whereInstalled } from '#libs/kernel/testing';
import { itOnPostgresLog } from './support/it-on-postgres-log.js';
import { eventually } from './support/eventually.js';
import { type CallOptions, LedgerClient, type Loose, type Reply } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { NginxGateway } from './support/nginx-gateway.js';
import { descendantsOf, type Postmaster, postmasterOf } from './support/processes.js';
import { RecordingApi } from './support/recording-api.js';
import { expectStatus, Scenario } from './support/scenario.js';

/** What the documented configuration charges for a call of this path, and the scope that it asks for. */
const MODEL = '/v1/models/hello';
const MODEL_COST = 3;
const DEPLOYMENT = '/v1/deployments/hello/run';

const describeGateway = whereInstalled(describe, NGINX, 'the gateway');

describeGateway('nginx with the documented configuration in front of an API', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  let api: RecordingApi;
  let nginx: NginxGateway;
  let organization: string;
  let secret: string;
  beforeAll(async () => {
    ledger = await LedgerProcess.start({ env: { TOKEN_LEDGER_TRUSTED_PROXIES: '127.0.0.1' } });
    scenario = new Scenario(ledger.client());
    api = await RecordingApi.start();
    nginx = await NginxGateway.start({ ledger: new URL(ledger.url).host, api: api.address });
    organization = (await scenario.organization()).uid;
    await scenario.grant(organization, '1000');
    ({ secret } = await scenario.organizationToken(organization));
  }, 180_000);
  afterAll(async () => {
    await nginx?.dispose();
    await api?.dispose();
    await ledger?.dispose();
  }, 60_000);

  const throughGateway = (token: string | null, path: string, options: CallOptions & { method?: string } = {}) =>
    new LedgerClient(nginx.url, token).call(options.method ?? 'GET', path, options);
  /** The same question asked of the ledger directly: what a gateway that loses nothing would send on. */
  const directly = (token: string | null, headers: Record<string, string> = {}) =>
    ledger.client(token).call('GET', '/v1/authorize', { headers });
  const asModel = { 'x-ledger-scope': 'models:invoke', 'x-ledger-operation': 'models.invoke', 'x-ledger-cost': '3' };

  const toldOf = ({ status, headers, body }: Reply) => ({
    status,
    challenge: headers.get('www-authenticate'),
    retryAfter: headers.get('retry-after'),
    contentType: headers.get('content-type')?.split(';')[0],
    cacheControl: headers.get('cache-control'),
    problem: { type: body.type, title: body.title, status: body.status, code: body.code, detail: body.detail },
  });

  /** Expects the refusal that the ledger itself gives, whole, and that the API was not asked. */
  async function expectRefusal(refused: Promise<Reply>, code: string, asked: Promise<Reply>): Promise<Reply> {
    const before = api.received.length;
    const reply = await refused;
    expect(toldOf(reply)).toEqual(toldOf(await asked));
    expect(reply.body).toMatchObject({ code, status: reply.status });
    expect(api.received.length).toBe(before);
    return reply;
  }

  it('lets a good token pass with the method and body of the request, and charges it once', async () => {
    const before = Number(await scenario.balance(organization));
    const reply = await throughGateway(secret, `${MODEL}?x=1`, { method: 'POST', body: { prompt: 'hi' } });
    expect(expectStatus(reply, 200)).toEqual({ answeredBy: 'the API' });
    const received = api.received.at(-1);
    expect(received).toMatchObject({ method: 'POST', path: `${MODEL}?x=1`, body: '{"prompt":"hi"}' });
    expect(Number(await scenario.balance(organization))).toBe(before - MODEL_COST);
    const charge = await eventually(10_000, () => chargeOf(received?.headers['charge-id']));
    expect(charge.data).toMatchObject({ operation: 'models.invoke', amount: String(MODEL_COST) });
  });

  it('keeps requests with bodies apart, however they follow each other', async () => {
    const before = api.received.length;
    const bodies = Array.from({ length: 30 }, (_, index) => ({ prompt: 'x'.repeat(index * 100) }));
    const replies = await Promise.all(bodies.map((body) => throughGateway(secret, '/free', { method: 'POST', body })));
    expect(replies.map(({ status }) => status)).toEqual(bodies.map(() => 200));
    const received = api.received.slice(before).map(({ body }) => body);
    expect(received.sort()).toEqual(bodies.map((body) => JSON.stringify(body)).sort());
  });

  it('tells the API who it is and who paid, and believes no client that says so itself', async () => {
    const { token, secret: own } = await scenario.organizationToken(organization);
    const claims = {
      'x-token-uid': 'tok_somebody',
      'x-token-owner': 'org_somebody',
      'x-token-type': 'admin',
      'x-use-id': 'use_somebody',
      'charged-to': 'org_somebody',
      'charge-id': 'chg_somebody',
      'token-expires-at': 'never',
      'idempotent-replayed': 'true',
      'x-forwarded-for': '203.0.113.66',
      'x-ledger-cost': '0',
      'x-ledger-scope': '',
    };
    const before = Number(await scenario.balance(organization));
    expectStatus(await throughGateway(own, MODEL, { headers: claims }), 200);
    const told = api.received.at(-1)?.headers;
    expect(told).toMatchObject({
      'x-token-uid': token.uid,
      'x-token-owner': organization,
      'x-token-type': 'organization',
      'charged-to': organization,
      'charge-id': expect.stringMatching(/^chg_/),
      'x-use-id': expect.stringMatching(/^use_/),
      'token-expires-at': token.expiresAt,
      'x-forwarded-for': '127.0.0.1',
    });
    for (const name of ['authorization', 'idempotent-replayed', 'x-ledger-problem'])
      expect(told).not.toHaveProperty(name);
    expect(Number(await scenario.balance(organization))).toBe(before - MODEL_COST);
    // A location that asks nobody tells nothing of anybody either.
    expectStatus(await throughGateway(null, '/status', { headers: claims }), 200);
    const open = api.received.at(-1)?.headers;
    for (const name of ['x-token-uid', 'x-token-type', 'charged-to']) expect(open).not.toHaveProperty(name);
  });

  it('records the address of the client that asked nginx, not one that the client made up', async () => {
    const { token, secret: own } = await scenario.organizationToken(organization);
    const headers = { 'x-forwarded-for': '203.0.113.66', 'user-agent': 'gateway-test/1' };
    expectStatus(await throughGateway(own, '/free', { headers }), 200);
    const [entry] = await scenario.entries(`token=${token.uid}&action=TokenUsed`);
    expect(entry).toMatchObject({ ip: '127.0.0.1', userAgent: 'gateway-test/1' });
  });

  it('400 and 401: sends status, challenge and problem document on for each way to be nobody', async () => {
    await expectRefusal(throughGateway(null, MODEL), 'missing_token', directly(null, asModel));
    const basic = { authorization: 'Basic YTpi' };
    await expectRefusal(throughGateway(null, MODEL, { headers: basic }), 'wrong_scheme', directly(null, basic));
    await expectRefusal(throughGateway('garbage', MODEL), 'malformed_token', directly('garbage', asModel));
    const typo = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
    await expectRefusal(throughGateway(typo, MODEL), 'checksum_mismatch', directly(typo, asModel));
    const { token, secret: own } = await scenario.organizationToken(organization);
    expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/disable`, {}), 200);
    await expectRefusal(throughGateway(own, MODEL), 'disabled_token', directly(own, asModel));
    const reply = await throughGateway(null, `${MODEL}?token=${secret}`);
    expect(expectStatus(reply, 400).code).toBe('malformed_token');
    const requester = { 'x-requester-uid': 'nobody' };
    const malformed = throughGateway(secret, MODEL, { headers: requester });
    await expectRefusal(malformed, 'malformed_requester', directly(secret, { ...asModel, ...requester }));
  });

  it('402: sends the refusal of an empty account on, and charges nothing', async () => {
    const poor = (await scenario.organization()).uid;
    const { secret: own } = await scenario.organizationToken(poor);
    const reply = await expectRefusal(throughGateway(own, MODEL), 'insufficient_credits', directly(own, asModel));
    expect(reply.status).toBe(402);
    expect(await scenario.balance(poor)).toBe('0');
  });

  it('403: sends a missing scope on with its challenge, and a resource out of reach without one', async () => {
    const narrow = (await scenario.organizationToken(organization, { scopes: ['models:read'] })).secret;
    const reply = await expectRefusal(throughGateway(narrow, MODEL), 'insufficient_scope', directly(narrow, asModel));
    expect(reply.headers.get('www-authenticate')).toContain('scope="models:invoke"');
    const elsewhere = (await scenario.organizationToken(organization, { access: { endpoints: ['deployment:other'] } }))
      .secret;
    const resource = { 'x-ledger-resource': 'deployment:hello' };
    const refused = throughGateway(elsewhere, DEPLOYMENT);
    await expectRefusal(refused, 'resource_not_allowed', directly(elsewhere, resource));
  });

  it('a client that tries again with its Idempotency-Key is charged once, and the API is told that it is a repeat', async () => {
    const before = Number(await scenario.balance(organization));
    const headers = { 'idempotency-key': randomUUID() };
    for (let tries = 1; tries <= 3; tries += 1) expectStatus(await throughGateway(secret, MODEL, { headers }), 200);
    expect(Number(await scenario.balance(organization))).toBe(before - MODEL_COST);
    const tries = api.received.slice(-3).map((received) => received.headers);
    expect(new Set(tries.map((told) => told['charge-id'])).size).toBe(1);
    expect(tries.map((told) => told['idempotent-replayed'])).toEqual([undefined, 'true', 'true']);
    // For something else it is 422, and not a free ride.
    const requester = { ...headers, 'x-requester-uid': organization };
    const other = throughGateway(secret, MODEL, { headers: requester });
    await expectRefusal(other, 'idempotency_key_reused', directly(secret, { ...asModel, ...requester }));
  });

  it('a token that is revoked between two requests is refused at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { token, secret: own } = await scenario.organizationToken(organization);
      expectStatus(await throughGateway(own, MODEL), 200);
      expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, {}), 200);
      const reply = await expectRefusal(throughGateway(own, MODEL), 'revoked_token', directly(own, asModel));
      expect(reply.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
  });

  it("leaves the API's own answers alone, refusals and failures too", async () => {
    for (const status of [401, 402, 403, 404, 500, 503]) {
      const reply = await throughGateway(secret, `/free/answer/${status}`);
      expect(expectStatus(reply, status)).toEqual({ answeredBy: 'the API' });
      expect(reply.headers.get('www-authenticate')).toBe('Custom of="the API"');
    }
  });

  itOnPostgresLog('it stops PostgreSQL, which no check asks there')(
    '503 with Retry-After while the ledger cannot confirm anything, and 200 again afterwards',
    async () => {
      const { pid } = (await postmasterOf(ledger.dataDir)) as Postmaster;
      const processes = [pid, ...descendantsOf(pid)];
      const before = api.received.length;
      processes.forEach((process_) => process.kill(process_, 'SIGSTOP'));
      try {
        const reply = await throughGateway(secret, MODEL);
        expect(expectStatus(reply, 503).code).toBe('verification_unavailable');
        expect(reply.headers.get('retry-after')).toMatch(/^[1-9][0-9]*$/);
        expect(reply.headers.get('content-type')).toContain('application/problem+json');
        expect(api.received.length).toBe(before);
      } finally {
        processes.forEach((process_) => process.kill(process_, 'SIGCONT'));
      }
      await eventually(30_000, async () => ((await throughGateway(secret, MODEL)).status === 200 ? true : null));
    },
    120_000,
  );

  it('503 with Retry-After, and nothing passes, where there is no ledger at all', async () => {
    const nowhere = await RecordingApi.start();
    const { address } = nowhere;
    await nowhere.dispose();
    const alone = await NginxGateway.start({ ledger: address, api: api.address });
    try {
      const before = api.received.length;
      const reply = await new LedgerClient(alone.url, secret).get(MODEL);
      expect(expectStatus(reply, 503)).toMatchObject({ status: 503, code: 'verification_unavailable' });
      expect(reply.headers.get('retry-after')).toBe('1');
      expect(api.received.length).toBe(before);
      expectStatus(await new LedgerClient(alone.url, null).get('/status'), 200);
    } finally {
      await alone.dispose();
    }
  });

  async function chargeOf(uid: unknown): Promise<Loose> {
    const feed = await scenario.admin.get(`/v1/organizations/${organization}/charges?limit=1000`);
    return expectStatus(feed, 200).find(({ id }: Loose) => id === uid) ?? null;
  }
});
