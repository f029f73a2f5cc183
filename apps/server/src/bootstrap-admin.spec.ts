import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventLog, START, StreamRepository } from '#libs/event-log';
import { SystemClock } from '#libs/kernel';
import { TokenHasher, TokenMint, type TokenSecrets } from '#libs/tokens';
import { bootstrapAdmin } from './bootstrap-admin.js';
import { systemContext } from './system-context.js';

const SERVERS = 6;

describe('bootstrapAdmin', () => {
  const clock = new SystemClock();
  const secrets: TokenSecrets = { brand: 'tl', pepperId: '00000001', pepper: Buffer.alloc(32, 1) };
  let folder: string;
  let log: MemoryEventLog;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bootstrap-'));
    log = new MemoryEventLog(clock);
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** As one server does at its start. */
  async function start(name: string): Promise<string | null> {
    const dataDir = join(folder, name);
    await mkdir(dataDir, { recursive: true });
    const mint = new TokenMint(secrets, new TokenHasher(secrets));
    const streams = new StreamRepository(log);
    return bootstrapAdmin({ streams, mint, dataDir, initialAdminTokens: [], context: systemContext(clock) });
  }

  async function keyIdsInTheLog(): Promise<string[]> {
    const { events } = await log.readAll({ after: START, limit: 1_000 });
    const created = events.filter(({ type }) => type === 'TokenCreated');
    return created.map(({ data }) => (data as unknown as { keyId: string }).keyId);
  }

  it('makes one token when servers with folders of their own start at once, and leaves its secret with one of them', async () => {
    const names = Array.from({ length: SERVERS }, (_, index) => `server-${index}`);
    const paths = await Promise.all(names.map(start));
    const [keyId, ...more] = await keyIdsInTheLog();
    expect(more).toEqual([]);
    const kept = paths.filter((path) => path !== null);
    expect(kept).toHaveLength(1);
    expect(await readFile(kept[0]!, 'utf8')).toContain(keyId!);
    expect(names.filter((name) => existsSync(join(folder, name, 'admin-token')))).toHaveLength(1);
  });

  it('makes one token, and tells each of it, when servers that share a folder start at once', async () => {
    const paths = await Promise.all(Array.from({ length: SERVERS }, () => start('shared')));
    const [keyId, ...more] = await keyIdsInTheLog();
    expect(more).toEqual([]);
    expect(new Set(paths)).toEqual(new Set([join(folder, 'shared', 'admin-token')]));
    expect(await readFile(paths[0]!, 'utf8')).toContain(keyId!);
  });

  it('makes none at a later start, and takes no file for its own that holds another token', async () => {
    const path = (await start('a'))!;
    expect(await start('a')).toBe(path);
    await writeFile(path, 'half a file');
    expect(await start('a')).toBeNull();
    expect(await start('b')).toBeNull();
    expect(existsSync(join(folder, 'b', 'admin-token'))).toBe(false);
    expect(await keyIdsInTheLog()).toHaveLength(1);
  });
});
