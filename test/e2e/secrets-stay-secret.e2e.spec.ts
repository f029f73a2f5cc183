import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';

describe('P12: a token never occurs in a log line, metric, job, event or error', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  beforeAll(async () => {
    ledger = await LedgerProcess.start({ env: { LOG_LEVEL: 'trace' } });
    scenario = new Scenario(ledger.client());
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  it('P12: whatever is done with it, nothing that is stored or printed holds an issued secret', async () => {
    const user = await scenario.user();
    await scenario.grant(user.uid, '10');
    const issued = await scenario.personalToken(user.uid);
    const { token, secret } = issued;
    await scenario.verify(secret, { cost: '1', idempotencyKey: 'k', userAgent: 'agent' });
    await scenario.verify(`${secret}x`);
    await ledger.client(secret).get(`/v1/authorize?access_token=${secret}`);
    await ledger.client(secret).get(`/v1/tokens/${secret}`);
    await ledger.client(secret).get(`/v1/tokens?q=${secret}`);
    await ledger.client(secret).post('/v1/tokens', { name: secret, [secret]: secret });
    await ledger.client(secret).call('POST', '/v1/tokens', { raw: `{"name": "${secret}", ` });
    await ledger.client(secret).get(`/nowhere/${secret}`);
    expectStatus(await scenario.admin.post(`/v1/tokens/${token.uid}/revoke`, { reason: 'end' }), 200);
    await scenario.verify(secret);
    expectStatus(await scenario.admin.post('/v1/jobs/expire-tokens/run', {}), 202);
    const answers = [
      await scenario.admin.get('/metrics'),
      await scenario.admin.get('/v1/audit/export?format=ndjson'),
      await scenario.admin.get('/v1/jobs'),
      await scenario.admin.get('/v1/tokens'),
      await scenario.admin.get('/health/ready'),
    ];
    await ledger.end();
    const stored = await everythingBelow(ledger.dataDir, ['admin-token', 'secrets']);
    const places = [['output', ledger.output], ...answers.map((reply) => ['answer', reply.text]), ...stored] as const;
    const leaks = [secret, ledger.adminToken]
      .map((text) => text.slice(21))
      .flatMap((tail) => places.filter(([, content]) => content.includes(tail)).map(([place]) => place));
    expect(leaks).toEqual([]);
    expect(ledger.output).toContain(token.prefix);
  }, 120_000);

  /** Content of every file below the data directory, PostgreSQL's own included, read as bytes. */
  async function everythingBelow(folder: string, except: string[]): Promise<[string, string][]> {
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const contents: [string, string][] = [];
    for (const file of files) {
      if (!file.isFile() || except.includes(file.name)) continue;
      const path = join(file.parentPath, file.name);
      contents.push([path, (await readFile(path)).toString('latin1')]);
    }
    return contents;
  }
});
