import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InvalidSecretsFile, openSecretsFile, readSecrets } from './secrets-file.js';

describe('openSecretsFile', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('makes a file that only its owner can read, and reads the same secrets from it later', async () => {
    const path = join(folder, 'data', 'secrets');
    const first = await openSecretsFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await openSecretsFile(path)).toEqual(first);
  });

  it('gives every server that starts at once the same secrets', async () => {
    const path = join(folder, 'secrets');
    const all = await Promise.all(Array.from({ length: 8 }, () => openSecretsFile(path)));
    expect(new Set(all.map((secrets) => secrets.fingerprint)).size).toBe(1);
  });

  it('refuses a file that it did not write instead of replacing it', async () => {
    const path = join(folder, 'secrets');
    await writeFile(path, 'half a fi');
    await expect(openSecretsFile(path)).rejects.toThrow(InvalidSecretsFile);
  });

  it('reads from its content, given elsewhere, the same secrets, and names the place where that is not one', async () => {
    const path = join(folder, 'secrets');
    const made = await openSecretsFile(path);
    expect(readSecrets(await readFile(path, 'utf8'), 'TOKEN_LEDGER_SECRETS')).toEqual(made);
    expect(() => readSecrets('hunter2', 'TOKEN_LEDGER_SECRETS')).toThrow(/^TOKEN_LEDGER_SECRETS does not hold/);
  });
});
