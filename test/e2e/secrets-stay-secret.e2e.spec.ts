import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { itOnPostgresLog } from './support/it-on-postgres-log.js';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { expectStatus, Scenario } from './support/scenario.js';
import { storedEvents, storedTables } from './support/stored-events.js';

/** Something that is searched, and what it holds. */
type Place = readonly [name: string, content: string];

/** As much of it as an owner may write: PostgreSQL compresses the event and the row that hold it. */
const FILLING = Object.fromEntries(Array.from({ length: 19 }, (_, index) => [`filling-${index}`, 'x'.repeat(500)]));

describe('P12: a token never occurs in a log line, metric, job, event or error', () => {
  let ledger: LedgerProcess;
  let scenario: Scenario;
  beforeAll(async () => {
    ledger = await LedgerProcess.start({ env: { LOG_LEVEL: 'trace' } });
    scenario = new Scenario(ledger.client());
  }, 120_000);
  afterAll(() => ledger.dispose(), 60_000);

  it('P12: whatever is done with it, no table holds an issued secret, whether compressed on disk or not', async () => {
    const canary = randomUUID();
    const { secret } = await everythingDoneWithOne({ metadata: { ...FILLING, canary } });
    const tables = await storedTables(ledger.dataDir);
    expect(placesOf(canary, tables)).toContain('read_model.tokens');
    expect(placesOfSecrets([secret, ledger.adminToken], tables)).toEqual([]);
  }, 120_000);

  itOnPostgresLog('it reads the events in PostgreSQL')(
    'P12: whatever is done with it, no event holds an issued secret, whether compressed on disk or not',
    async () => {
      const canary = randomUUID();
      const { secret } = await everythingDoneWithOne({ metadata: { ...FILLING, canary } });
      const stored = await storedEvents(ledger.dataDir);
      const events = stored.map((event): Place => [event.type, JSON.stringify(event)]);
      expect(placesOf(canary, events)).toEqual(['TokenCreated']);
      expect(placesOfSecrets([secret, ledger.adminToken], events)).toEqual([]);
    },
    120_000,
  );

  it('P12: whatever is done with it, no file, answer or line of output holds an issued secret', async () => {
    const { token, secret } = await everythingDoneWithOne();
    const answers = [
      await scenario.admin.get('/metrics'),
      await scenario.admin.get('/v1/audit/export?format=ndjson'),
      await scenario.admin.get('/v1/jobs'),
      await scenario.admin.get('/v1/tokens'),
      await scenario.admin.get('/health/ready'),
    ];
    await ledger.end();
    const stored = await everythingBelow(ledger.dataDir, ['admin-token', 'secrets']);
    const replies = answers.map(({ text }): Place => ['answer', text]);
    expect(placesOfSecrets([secret, ledger.adminToken], [['output', ledger.output], ...replies, ...stored])).toEqual(
      [],
    );
    expect(ledger.output).toContain(token.prefix);
  }, 120_000);

  /** A new token with which everything has been done that may leave its secret somewhere; read models hold all of it. */
  async function everythingDoneWithOne(more: object = {}): Promise<{ token: Loose; secret: string }> {
    const user = await scenario.user();
    await scenario.grant(user.uid, '10');
    const issued = await scenario.personalToken(user.uid, more);
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
    expectStatus(await scenario.admin.get(`/v1/tokens/${token.uid}`), 200);
    return issued;
  }

  function placesOf(text: string, places: readonly Place[]): string[] {
    return places.filter(([, content]) => content.includes(text)).map(([name]) => name);
  }

  /** Where the part of one of the tokens stands that follows its key id: that alone is secret. */
  function placesOfSecrets(tokens: readonly string[], places: readonly Place[]): string[] {
    return tokens.flatMap((token) => placesOf(token.slice(21), places));
  }

  /**
   * Content of every file below the data directory, PostgreSQL's own included, read as bytes. What PostgreSQL has
   * compressed cannot be read in them; the tests of tables and events look into that.
   */
  async function everythingBelow(folder: string, except: string[]): Promise<Place[]> {
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const contents: Place[] = [];
    for (const file of files) {
      if (!file.isFile() || except.includes(file.name)) continue;
      const path = join(file.parentPath, file.name);
      contents.push([path, (await readFile(path)).toString('latin1')]);
    }
    return contents;
  }
});
