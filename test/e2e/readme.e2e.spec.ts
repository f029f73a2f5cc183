import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { canRun, CURL, whereInstalled, ZSH } from '#libs/kernel/testing';
import type { Loose } from './support/ledger-client.js';
import { LedgerProcess, ROOT } from './support/ledger-process.js';

const TEST_MS = 120_000;
const itWithCurl = whereInstalled(it, CURL, 'the block of README.md');
const itWithZsh = canRun(CURL, 'the block of README.md in zsh')
  ? whereInstalled(it, ZSH, 'the block of README.md in zsh')
  : itWithCurl;

describe('the main job of README.md, pasted into', () => {
  itWithCurl('bash, does what the page says', () => doesTheMainJob('bash', ['--norc', '-i']), TEST_MS);

  // The shell of macOS: typed into it, a comment is a command, and brackets without quotes look for files.
  itWithZsh('zsh, does what the page says', () => doesTheMainJob('zsh', ['-f', '-i']), TEST_MS);
});

async function doesTheMainJob(shell: string, args: readonly string[]): Promise<void> {
  const ledger = await LedgerProcess.start();
  try {
    const block = await mainJob({ url: ledger.url, tokenFile: join(ledger.dataDir, 'admin-token') });
    const { answers, complaints } = await paste(block, shell, args);
    expect(complaints).not.toMatch(/not found|no matches|parse error|syntax error/i);
    const [member, grant, accepted, revoked, refused, entries, charges] = answers;
    expect({ answers: answers.length, member, grant }).toMatchObject({
      answers: 7,
      member: { role: 'developer' },
      grant: { amount: '100' },
    });
    expect(accepted).toMatchObject({ valid: true, code: 'valid', charged: '3', balance: '97' });
    expect(revoked).toMatchObject({ status: 'revoked', revokeReason: 'no longer needed' });
    expect(refused).toMatchObject({ valid: false, code: 'revoked_token', status: 401 });
    expect(entries?.data.map(({ action }: Loose) => action)).toEqual(
      expect.arrayContaining(['TokenCreated', 'TokenUsed', 'TokenRevoked', 'TokenUseDenied']),
    );
    expect(charges).toMatchObject([{ id: accepted?.chargeId, data: { operation: 'pipeline.run' } }]);
  } finally {
    await ledger.dispose();
  }
}

/** The block as it stands in the page, but for where the server is and where it keeps its first token. */
async function mainJob(server: { url: string; tokenFile: string }): Promise<string> {
  const page = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [block = ''] = page.match(/(?<=^```sh\n)export TOKEN_LEDGER_ENDPOINT=[\s\S]*?(?=^```$)/m) ?? [];
  const written = { 'http://127.0.0.1:3000': server.url, '.token-ledger/admin-token': server.tokenFile };
  return Object.entries(written).reduce((text, [there, here]) => {
    expect(text.split(there)).toHaveLength(2);
    return text.replace(there, here);
  }, block);
}

/** Types the lines into an interactive shell. `answers`: its lines of JSON; `complaints`: its prompts and errors. */
function paste(
  lines: string,
  shell: string,
  args: readonly string[],
): Promise<{ answers: Loose[]; complaints: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(shell, args, { cwd: ROOT, stdio: 'pipe' });
    let printed = '';
    let complaints = '';
    child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
    child.stderr.on('data', (text: Buffer) => (complaints += text.toString()));
    child.once('error', reject);
    child.once('close', () => {
      const answers = printed.split('\n').filter((line) => /^[[{]/.test(line));
      resolve({ answers: answers.map((line) => JSON.parse(line)), complaints });
    });
    child.stdin.end(lines);
  });
}
