import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { connectionStringOf, EmbeddedPostgres } from './index.js';
import { makeWorkFolder, query, removeWorkFolder } from './testing/work-folder.js';

jest.setTimeout(30_000);

describe('connectionStringOf', () => {
  let folder: string;
  let dataDir: string;

  beforeAll(async () => {
    folder = await makeWorkFolder();
    dataDir = join(folder, 'data');
  });

  afterAll(() => removeWorkFolder(folder, [dataDir]));

  it('is null where there is no server, and makes no data directory', async () => {
    expect(await connectionStringOf(dataDir)).toBeNull();
    expect(spawnSync('ls', [dataDir]).status).not.toBe(0);
  });

  it('leads to the server that a ledger runs, without taking it over, and is null after its stop', async () => {
    const postgres = await EmbeddedPostgres.start({ dataDir });
    try {
      const url = await connectionStringOf(dataDir);
      expect(url).toBe(postgres.connectionString);
      expect(await query(url ?? '', 'select 1 as one')).toEqual([{ one: 1 }]);
    } finally {
      await postgres.stop();
    }
    expect(await connectionStringOf(dataDir)).toBeNull();
  });
});
