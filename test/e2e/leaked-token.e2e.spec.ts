import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './support/eventually.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

describe('a token string in a URL', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  beforeAll(async () => {
    ledger = await LedgerProcess.start();
    scenario = new Scenario(ledger.client());
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  it('P5 I7 U9: is recorded as a leak of its token, each time, also when garbage came from there before', async () => {
    const anonymous = ledger.client(null);
    expectStatus(await anonymous.get('/v1/authorize'), 401);
    expectStatus(await ledger.client('garbage').get('/v1/authorize'), 400);
    const { token, secret } = await scenario.personalToken((await scenario.user()).uid);
    const asCredential = await anonymous.get(`/v1/authorize?access_token=${secret}`);
    expect(expectStatus(asCredential, 400).code).toBe('malformed_token');
    const inPath = await scenario.admin.get(`/v1/tokens/${secret}`);
    expect(expectStatus(inPath, 400).code).toBe('secret_in_request');
    const leaks = await eventually(5_000, async () => {
      const entries = await scenario.entries(`action=TokenUseDenied&token=${token.uid}&order=asc`);
      return entries.length === 2 ? entries : null;
    });
    expect(leaks).toMatchObject([
      { outcome: 'denied', target: { type: 'token', uid: token.uid }, reason: 'malformed_token' },
      { outcome: 'denied', target: { type: 'token', uid: token.uid }, reason: 'secret_in_request' },
    ]);
    expect(leaks.map(({ requestId }) => requestId)).toEqual(
      [asCredential, inPath].map(({ headers }) => headers.get('x-request-id')),
    );
    expect(JSON.stringify(leaks)).not.toContain(secret.slice(12));
  });

  it('names no token that it does not prove', async () => {
    const { token, secret } = await scenario.personalToken((await scenario.user()).uid);
    const typo = `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`;
    expectStatus(await scenario.admin.get(`/v1/tokens/${typo}`), 400);
    expectStatus(await scenario.admin.get(`/v1/tokens/${secret}`), 400);
    const entries = await eventually(5_000, async () => {
      const found = await scenario.entries(`action=TokenUseDenied&token=${token.uid}`);
      return found.length > 0 ? found : null;
    });
    expect(entries).toHaveLength(1);
  });
});
