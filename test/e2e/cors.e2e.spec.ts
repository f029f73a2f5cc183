import { afterEach, describe, expect, it } from '@jest/globals';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

const APP = 'https://app.example.com';

describe('pages of other origins', () => {
  const ledgers: LedgerProcess[] = [];
  const start = async (env: Record<string, string> = {}) => {
    const ledger = await LedgerProcess.start({ env });
    ledgers.push(ledger);
    return ledger;
  };
  afterEach(async () => {
    for (const ledger of ledgers.splice(0)) await ledger.dispose();
  }, 60_000);

  const preflight = (ledger: LedgerProcess, path: string, origin: string) =>
    ledger.client(null).call('OPTIONS', path, {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  it('B11: that the operator names call with a token, and read what a refusal says', async () => {
    const ledger = await start({ TOKEN_LEDGER_CORS_ORIGINS: `${APP}, http://localhost:5173` });
    const { secret } = await new Scenario(ledger.client()).personalToken(
      (await new Scenario(ledger.client()).user()).uid,
    );
    for (const path of ['/v1/verify', '/v1/authorize', '/v1/tokens']) {
      const allowed = await preflight(ledger, path, APP);
      expect([path, allowed.status]).toEqual([path, 204]);
      expect(allowed.headers.get('access-control-allow-origin')).toBe(APP);
      expect(allowed.headers.get('access-control-allow-headers')).toBe('authorization,content-type');
      expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
      expect(
        (await preflight(ledger, path, 'https://evil.example')).headers.get('access-control-allow-origin'),
      ).toBeNull();
    }
    const accepted = await ledger.client(secret).get('/v1/authorize', { headers: { origin: APP } });
    expectStatus(accepted, 200);
    expect(accepted.headers.get('access-control-allow-origin')).toBe(APP);
    const refused = await ledger.client(null).get('/v1/authorize', { headers: { origin: APP } });
    expect(expectStatus(refused, 401).code).toBe('missing_token');
    expect(refused.headers.get('access-control-allow-origin')).toBe(APP);
    expect(refused.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
  });

  it('that nobody named call in vain, and a setting that names none is refused', async () => {
    const ledger = await start();
    expect((await preflight(ledger, '/v1/verify', APP)).headers.get('access-control-allow-origin')).toBeNull();
    await ledger.end();
    const env = { TOKEN_LEDGER_CORS_ORIGINS: 'app.example.com' };
    const { code, output } = await LedgerProcess.startInVain({ dataDir: ledger.dataDir, env });
    expect(code).toBe(1);
    expect(output).toContain('TOKEN_LEDGER_CORS_ORIGINS: must be origins such as https://app.example.com');
  });
});
