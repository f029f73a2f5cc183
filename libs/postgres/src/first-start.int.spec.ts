import { execFileSync } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EmbeddedPostgres } from './index.js';
import { makeWorkFolder, query, removeWorkFolder } from './testing/work-folder.js';

jest.setTimeout(30_000);

describe('EmbeddedPostgres on a new directory', () => {
  let folder: string;
  let dataDir: string;
  const started: EmbeddedPostgres[] = [];

  beforeEach(async () => {
    folder = await makeWorkFolder();
    dataDir = join(folder, 'data');
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((postgres) => postgres.stop()));
    await removeWorkFolder(folder, [dataDir]);
  });

  async function start(options: { dataDir?: string; log?: (line: string) => void } = {}): Promise<EmbeddedPostgres> {
    const postgres = await EmbeddedPostgres.start({ dataDir, ...options });
    started.push(postgres);
    return postgres;
  }

  it('makes a durable UTF-8 cluster that only a private socket reaches, in place of an interrupted first start', async () => {
    const deadPid = execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).trim();
    await mkdir(join(folder, `data.tmp-${deadPid}`, 'base'), { recursive: true });
    const lines: string[] = [];
    const postgres = await start({ log: (line) => lines.push(line) });
    expect(postgres.adopted).toBe(false);
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums', 'listen_addresses'];
    const rows = await query<{ name: string; setting: string }>(
      postgres.connectionString,
      `select name, setting from pg_settings where name in ('${names.join("','")}') order by name`,
    );
    expect(rows.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
      'data_checksums=on',
      'fsync=on',
      'full_page_writes=on',
      'listen_addresses=',
      'synchronous_commit=on',
    ]);
    const [database] = await query(
      postgres.connectionString,
      `select current_user, datname, pg_encoding_to_char(encoding) as encoding, datlocprovider, datlocale
         from pg_database where datname = current_database()`,
    );
    expect(database).toEqual({
      current_user: 'ledger',
      datname: 'ledger',
      encoding: 'UTF8',
      datlocprovider: 'b',
      datlocale: 'C.UTF-8',
    });
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'socket'))).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(['data', 'data.owner']);
    expect(lines.some((line) => line.endsWith('database system is ready to accept connections'))).toBe(true);
  });

  it('refuses data of another major version with the way to move it', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(
      /written by PostgreSQL 17 .* Make a backup .* restore that into a new directory/,
    );
    expect(await readdir(folder)).toEqual(['data']);
  });

  it('refuses a folder that holds something else, and leaves it as it is', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'letter.txt'), 'mine');
    await expect(start()).rejects.toThrow(/not empty \(letter\.txt\).* Set TOKEN_LEDGER_DATA_DIR/);
    expect(await readdir(dataDir)).toEqual(['letter.txt']);
  });

  it('says what to do when the folder cannot be used', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(start({ dataDir: join(folder, 'file/data') })).rejects.toThrow(
      /EEXIST.*set another TOKEN_LEDGER_DATA_DIR/,
    );
  });
});
