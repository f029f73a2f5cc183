import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventStoreSettings } from './support/event-store.js';
import type { LedgerClient } from './support/ledger-client.js';
import { LedgerProcess } from './support/ledger-process.js';
import { postmasterOf } from './support/processes.js';
import { runCommand } from './support/run-command.js';
import { expectStatus, Scenario } from './support/scenario.js';
import { someHistory } from './support/some-history.js';

jest.setTimeout(120_000);

describe('the command line of whoever runs a ledger', () => {
  let dataDir: string;
  let ledger: LedgerProcess | undefined;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ledger-command-'));
  });

  afterEach(async () => {
    await ledger?.end();
    ledger = undefined;
    await rm(dataDir, { recursive: true, force: true });
  });

  const rebuild = (...names: string[]) =>
    runCommand(['rebuild', ...names], { ...eventStoreSettings(dataDir), TOKEN_LEDGER_DATA_DIR: dataDir });

  it('mint-token prints a token that opens a ledger to which it was given, and nothing besides', async () => {
    const { code, stdout } = await runCommand(['mint-token']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^tla_\w{16}_\w{49}\n$/) });
    const token = stdout.trim();
    ledger = await LedgerProcess.start({ dataDir, env: { INIT_ADMIN_API_TOKENS: token } });
    expect(ledger.adminToken).toBe('');
    expect(expectStatus(await ledger.client(token).get('/v1/me'), 200)).toMatchObject({ token: { type: 'admin' } });
    expect((await ledger.client((await runCommand(['mint-token'])).stdout.trim()).get('/v1/me')).status).toBe(401);
  });

  it('E1: rebuild beside a running server gives the same answers, and the server goes on writing', async () => {
    ledger = await LedgerProcess.start({ dataDir });
    const client = ledger.client();
    await someHistory(new Scenario(client));
    const before = await answers(client);
    const { code, stdout } = await rebuild();
    expect({ code, lastLine: stdout.trim().split('\n').at(-1) }).toEqual({
      code: 0,
      lastLine: expect.stringMatching(/^Rebuilt .*tokens.* from \d+ events in [\d.]+ s \([\d,]+ events\/s\)\.$/),
    });
    expect(stdout).toMatch(/^filling: \d+ %, [\d,]+ events, [\d,]+ events\/s$/m);
    expect(await answers(client)).toEqual(before);
    const { handle } = await new Scenario(client).organization('after');
    expect((await client.get(`/v1/organizations/${handle}`)).status).toBe(200);
  });

  it('E1: rebuild of a ledger that is not running gives the same answers, and leaves nothing running', async () => {
    ledger = await LedgerProcess.start({ dataDir });
    await someHistory(new Scenario(ledger.client()));
    const before = await answers(ledger.client());
    await ledger.end();
    expect(await rebuild('tokens', 'audit-entries')).toMatchObject({ code: 0 });
    expect(await postmasterOf(dataDir)).toBeNull();
    ledger = await LedgerProcess.start({ dataDir });
    expect(await answers(ledger.client())).toEqual(before);
  });

  it('says in one sentence what cannot be done, and ends with 1', async () => {
    const oneLine = (words: string) => ({ code: 1, stdout: '', stderr: expect.stringMatching(`^${words}.*[.?]\n$`) });
    expect(await rebuild()).toEqual(oneLine('There is no ledger in '));
    expect(await rebuild('tokens', 'frogs')).toEqual(oneLine('There is no read model "frogs"\\. There are: '));
    expect(await runCommand(['mint-token', '--kind', 'frog'])).toEqual(oneLine('There is no type of token "frog"'));
    const stores = oneLine('Say from which store the log is copied, and to which: npm run migrate-log -- --from ');
    expect(await runCommand(['migrate-log'])).toEqual(stores);
    expect(await runCommand(['migrate-log', '--from', 'postgres'])).toEqual(stores);
    const nowhere = { DATABASE_URL: 'postgres://ledger@127.0.0.1:1/ledger', TOKEN_LEDGER_DATA_DIR: dataDir };
    expect(await runCommand(['rebuild'], nowhere)).toEqual(
      oneLine('DATABASE_URL names a PostgreSQL that cannot be used: '),
    );
    expect(await runCommand(['rebuild'], { TOKEN_LEDGER_DATADIR: dataDir })).toEqual(
      oneLine('TOKEN_LEDGER_DATADIR is not a setting'),
    );
  });
});

/** Everything that the read models answer, but for the uses that asking makes by itself. */
async function answers(client: LedgerClient): Promise<unknown> {
  const paths = ['/v1/tokens?type=organization', '/v1/users', '/v1/organizations', '/v1/charges', '/v1/settings'];
  const entries = await client.get('/v1/audit/entries?limit=1000&order=asc');
  const replies = await Promise.all(paths.map((path) => client.get(path)));
  const bodies = replies.map((reply) => expectStatus(reply, 200));
  const { data } = expectStatus(entries, 200) as { data: { action: string }[] };
  return { bodies, entries: data.filter(({ action }) => !/^TokenSeen$|^Audit/.test(action)) };
}
